import { greatest } from '../../base/number/extremes.js';
import { normalCdf, normalQuantile } from '../statistics/interval.js';
import type { Range } from '../statistics/quantile.js';
import { unseenError } from '../statistics/standard-error.js';
import type { StepEstimate } from './step-grid.js';

/** The step with the highest mean, as seen and with the luck of being chosen taken off. */
export interface Winner {
  readonly index: number;
  readonly seen: number;
  /** Median-unbiased although the step was chosen for its mean. */
  readonly corrected: number;
  readonly interval: Range;
}

/**
 * The best of k noisy means and what it is worth. The highest of several means is on average above the truth of its
 * step; this is the hybrid estimator of Andrews, Kitagawa and McCloskey, "Inference on Winners" (Quarterly Journal
 * of Economics 139, 2024): given that step w won, its mean is normal, truncated below at the runner-up's; truth
 * is kept within a simultaneous interval of level 1 - beta, beta = (1 - level) / 10, so that a narrow win does not
 * give a wild answer. The estimate is the truth under which the seen mean would be a median, the interval lies
 * between the quantiles of level (alpha - beta) / (1 - beta). Steps count as independent, which attempts at the same
 * fixed tasks are: it speaks of new attempts at these tasks. Null for no step; the first of equal means wins. Where the
 * winner's attempts show no spread at all there is no luck to take off, and its interval is as wide as so many can vouch for.
 */
export function correctedWinner(steps: readonly StepEstimate[], level = 0.95): Winner | null {
  let index = 0;
  steps.forEach((step, at) => {
    if (step.mean > (steps[index]?.mean ?? 0)) index = at;
  });
  const best = steps[index];
  if (best === undefined) return null;
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  const alpha = 1 - level;
  const simultaneous = (chance: number): number =>
    normalQuantile((1 + (1 - chance) ** (1 / steps.length)) / 2);
  if (best.standardError === 0) {
    const half = best.resolution === 0 ? 0 : simultaneous(alpha) * unseenError(1 / best.resolution);
    const interval = { low: clip(best.mean - half), high: clip(best.mean + half) };
    return { index, seen: best.mean, corrected: best.mean, interval };
  }
  const beta = alpha / 10;
  const runnerUp = greatest(steps.filter((_, at) => at !== index).map((step) => step.mean));
  const won: Won = {
    // Means of passes are steps of a stair. Of a tie half of the step was won: its middle is what was seen.
    seen: best.mean === runnerUp ? best.mean + best.resolution / 4 : best.mean,
    error: best.standardError,
    runnerUp,
    reach: simultaneous(beta),
  };
  const tail = (alpha - beta) / (1 - beta) / 2;
  return {
    index,
    seen: best.mean,
    corrected: clip(truthWithChance(won, 0.5)),
    interval: { low: clip(truthWithChance(won, 1 - tail)), high: clip(truthWithChance(won, tail)) },
  };
}

interface Won {
  readonly seen: number;
  readonly error: number;
  readonly runnerUp: number;
  /** Half width of the simultaneous interval, in standard errors. */
  readonly reach: number;
}

/** The truth under which a winner's mean of at most the one seen has this chance; by bisection, it falls with the truth. */
function truthWithChance(won: Won, chance: number): number {
  const { seen, error, reach } = won;
  let [low, high] = [seen - reach * error, seen + reach * error];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (chanceBelow(won, middle) > chance) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(mean <= seen | it won, truth), the mean truncated to [runner-up, truth + reach] and above truth - reach. */
function chanceBelow({ seen, error, runnerUp, reach }: Won, truth: number): number {
  const from = normalCdf(Math.max((runnerUp - truth) / error, -reach));
  const to = normalCdf(reach);
  return to <= from ? 1 : (normalCdf((seen - truth) / error) - from) / (to - from);
}
