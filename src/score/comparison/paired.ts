import { normalQuantile, studentCdf, studentQuantile } from '../statistics/interval.js';
import { add, divide, multiply, reduced } from '../../base/number/fraction.js';
import { mean } from '../../base/number/mean.js';
import { pairedDifference, taskDifference, type Pair } from '../statistics/permutation.js';
import type { Range } from '../statistics/quantile.js';
import { standardError as standardErrorOf, unseenError } from '../statistics/standard-error.js';
import { rootOfSum, sampleVariance } from '../statistics/variance.js';

/** A difference with its uncertainty, for one of the two questions one can ask. */
export interface Estimate {
  readonly standardError: number;
  readonly interval: Range;
}

/**
 * Standard error of the paired difference for new attempts at the same tasks, if nothing changed:
 * sqrt(sum_i s_i^2 (1/a_i + 1/b_i)) / N with s_i^2 the variance of a task's attempts of both sides together.
 * Defined from one attempt a side on. Where no task shows any spread, what that many trials can vouch for stands in.
 */
export function nullStandardError(pairs: readonly Pair[]): number {
  if (pairs.length === 0) return Number.NaN;
  const parts = pairs.map(({ before, after }) => {
    const [a, b] = [BigInt(before.length), BigInt(after.length)];
    return multiply(sampleVariance([...before, ...after]), reduced(a + b, a * b));
  });
  return rootOfSum(parts, pairs.length) || unseenDifference(pairs);
}

/** `unseenError` of both sides together. */
function unseenDifference(pairs: readonly Pair[]): number {
  const trials = (side: 'before' | 'after'): number =>
    pairs.reduce((sum, pair) => sum + pair[side].length, 0);
  return Math.hypot(unseenError(trials('before')), unseenError(trials('after')));
}

/**
 * New attempts at these same tasks: sqrt(sum_i (s_a,i^2/a_i + s_b,i^2/b_i)) / N, normal interval. With single
 * attempts the variance within a task cannot be seen on one side; both sides' together stands in, as it does where
 * neither side shows any, so that no interval is a point.
 */
export function sameTasksEstimate(pairs: readonly Pair[], level = 0.95): Estimate {
  const seen = pairs.every(({ before, after }) => before.length > 1 && after.length > 1);
  const parts = pairs.map(({ before, after }) =>
    add(divide(sampleVariance(before), before.length), divide(sampleVariance(after), after.length)),
  );
  const own = seen && pairs.length > 0 ? rootOfSum(parts, pairs.length) : 0;
  const standardError = own || nullStandardError(pairs);
  return {
    standardError,
    interval: around(pairedDifference(pairs), normalQuantile((1 + level) / 2) * standardError),
  };
}

/**
 * New tasks of the same kind: the paired t over the tasks' differences. Null for fewer than two tasks; without p where all
 * tasks changed alike, since a t test has nothing to judge by then.
 */
export function newTasksEstimate(
  pairs: readonly Pair[],
  level = 0.95,
): (Estimate & { readonly p: number | null }) | null {
  const differences = pairs.map(taskDifference);
  const standardError = standardErrorOf(differences);
  if (standardError === null) return null;
  const freedom = differences.length - 1;
  const difference = mean(differences);
  const p =
    standardError === 0
      ? null
      : Math.min(1, 2 * (1 - studentCdf(Math.abs(difference) / standardError, freedom)));
  return {
    standardError,
    interval: around(difference, studentQuantile((1 + level) / 2, freedom) * standardError),
    p,
  };
}

/**
 * Smallest true difference that a test of this size finds with 80 % power: (z(1 - alpha) + z(0.8)) x standard
 * error; two-sided tests pass alpha / 2.
 */
export function detectable(standardError: number, oneSidedAlpha: number, power = 0.8): number {
  return (normalQuantile(1 - oneSidedAlpha) + normalQuantile(power)) * standardError;
}

function around(centre: number, half: number): Range {
  return { low: Math.max(-1, centre - half), high: Math.min(1, centre + half) };
}
