import { normalQuantile } from '../statistics/interval.js';
import { quantile } from '../statistics/quantile.js';
import { createRandom, defaultSeed, normalDraw } from '../statistics/random.js';
import { unseenError } from '../statistics/standard-error.js';
import type { StepEstimate } from './step-grid.js';
import { greatest } from '../../base/number/extremes.js';

export interface BestSetOptions {
  readonly level?: number;
  readonly draws?: number;
  readonly seed?: number;
}

/**
 * The steps that cannot be told from the best (indices): the set holds the truly best step with probability `level`.
 * Step j stays unless some step's mean is above its own by more than q_j standard errors of their difference, q_j
 * the `level` quantile of the largest such ratio if all steps were equal (multiple comparisons with the best: Gupta
 * 1965, Hsu 1984), from seeded normal draws, so that steps with unequal errors can be judged together. The set speaks
 * of new attempts at these tasks.
 */
export function bestSet(
  steps: readonly StepEstimate[],
  { level = 0.95, draws = 4000, seed = defaultSeed }: BestSetOptions = {},
): number[] {
  const errors = steps.map(judgedError);
  // The quantile lies between that of one rival and Bonferroni's of all; only in between the draws are needed.
  const least = normalQuantile(level);
  const most = normalQuantile(1 - (1 - level) / Math.max(1, steps.length - 1));
  let noise: Float64Array[] | null = null;
  return steps.flatMap((step, index) => {
    const gaps = steps.map((other, at) =>
      at === index ? 0 : gap(other.mean - step.mean, errors, [at, index]),
    );
    const largest = Math.max(0, greatest(gaps));
    if (largest <= least) return [index];
    if (largest > most) return [];
    noise ??= drawNoise(errors, draws, seed);
    return largest <= criticalGap(noise, errors, { index, level }) ? [index] : [];
  });
}

/** The q_j of `bestSet`: by how many standard errors of their difference each step must be below another to be left out. */
export function criticalGaps(
  steps: readonly StepEstimate[],
  { level = 0.95, draws = 4000, seed = defaultSeed }: BestSetOptions = {},
): number[] {
  const errors = steps.map(judgedError);
  const noise = drawNoise(errors, draws, seed);
  return steps.map((_, index) => criticalGap(noise, errors, { index, level }));
}

/** A few attempts that all ended alike prove no certainty: the error counts for no less than they can vouch for. */
function judgedError({ standardError, resolution }: StepEstimate): number {
  return Math.max(standardError, resolution === 0 ? 0 : unseenError(1 / resolution));
}

/**
 * Where it stopped improving: the first step after which no step is shown to be better, all pairs of an earlier and a
 * later step judged at once at `level` (largest ratio over pairs, from the same draws). 0 where no gain is shown, -1 without steps.
 */
export function lastShownGain(
  steps: readonly StepEstimate[],
  { level = 0.95, draws = 4000, seed = defaultSeed }: BestSetOptions = {},
): number {
  const errors = steps.map(judgedError);
  const gains = drawNoise(errors, draws, seed).map((row) => largestGain(row, errors));
  const critical = quantile(Float64Array.from(gains).sort(), level);
  const isPassed = (index: number): boolean =>
    steps.some((later, at) => {
      const rise = later.mean - (steps[index]?.mean ?? 0);
      return at > index && rise > 0 && gap(rise, errors, [at, index]) > critical;
    });
  return steps.findIndex((_, index) => !isPassed(index));
}

/**
 * Attempts a task with which a step would be left out with 80 % power for being below another, if it truly is by what was
 * seen: (critical + z(0.8))^2 (V_a + V_b) / difference^2 with V the variance of a mean of one attempt and `critical` of
 * `criticalGaps`. Null where it is not below.
 */
export function attemptsToSeparate(
  [above, below]: readonly [StepEstimate, StepEstimate],
  critical: number,
): number | null {
  const difference = above.mean - below.mean;
  const single = judgedError(above) ** 2 * above.attempts + judgedError(below) ** 2 * below.attempts;
  if (difference <= 0 || single === 0) return null;
  return Math.ceil(((critical + normalQuantile(0.8)) ** 2 * single) / difference ** 2);
}

/** `draws` rows of one centred normal number a step, with the steps' errors. */
function drawNoise(errors: readonly number[], draws: number, seed: number): Float64Array[] {
  const random = createRandom(seed);
  return Array.from({ length: draws }, () =>
    Float64Array.from(errors, (error) => error * normalDraw(random)),
  );
}

function gap(difference: number, errors: readonly number[], [a, b]: readonly [number, number]): number {
  const error = Math.hypot(errors[a] ?? 0, errors[b] ?? 0);
  return error === 0 ? (difference > 0 ? Number.POSITIVE_INFINITY : 0) : difference / error;
}

function criticalGap(
  noise: readonly Float64Array[],
  errors: readonly number[],
  { index, level }: { readonly index: number; readonly level: number },
): number {
  const scales = errors.map((error) => Math.hypot(error, errors[index] ?? 0));
  const largest = new Float64Array(noise.length);
  noise.forEach((row, draw) => {
    let most = 0;
    for (let at = 0; at < row.length; at += 1) {
      const scale = scales[at] ?? 0;
      if (at !== index && scale > 0) most = Math.max(most, ((row[at] ?? 0) - (row[index] ?? 0)) / scale);
    }
    largest[draw] = most;
  });
  return quantile(largest.sort(), level);
}

function largestGain(row: Float64Array, errors: readonly number[]): number {
  let most = 0;
  for (let later = 1; later < row.length; later += 1) {
    for (let from = 0; from < later; from += 1) {
      most = Math.max(most, gap((row[later] ?? 0) - (row[from] ?? 0), errors, [later, from]));
    }
  }
  return most;
}
