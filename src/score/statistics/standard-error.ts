import { divide, type Exact } from '../../base/number/fraction.js';
import { meanFraction } from '../../base/number/mean.js';
import type { Rewards } from './rewards.js';
import { rootOfSum, sampleVariance, squareRoot } from './variance.js';

/** Standard error of a mean of n values: sample std / sqrt(n); null for fewer than two values. */
export function standardError(values: readonly Exact[]): number | null {
  return values.length < 2 ? null : squareRoot(divide(sampleVariance(values), values.length));
}

/**
 * The least standard error of a mean over n trials that these can vouch for, sqrt(3) / n: where all attempts at each task
 * ended alike, a variance of up to 3 / n a trial would have stayed unseen in one case of twenty (the rule of three).
 */
export function unseenError(trials: number): number {
  return trials === 0 ? 0 : Math.sqrt(3) / trials;
}

/**
 * Standard error of the mean for new attempts at these same tasks: sqrt(sum_i s_i^2 / k_i) / N, s_i^2 the
 * sample variance within task i. Null when some task has a single attempt.
 */
export function fixedTaskStandardError(tasks: readonly Rewards[]): number | null {
  if (tasks.length === 0 || tasks.some((rewards) => rewards.length < 2)) return null;
  return rootOfSum(
    tasks.map((rewards) => divide(sampleVariance(rewards), rewards.length)),
    tasks.length,
  );
}

/**
 * Task-clustered standard error: the std of the task means over sqrt(N), for tasks as a sample of all tasks
 * one could have asked. sqrt(sum_i (m_i - m)^2 / (N (N - 1))). Null for fewer than two tasks.
 */
export function clusteredStandardError(tasks: readonly Rewards[]): number | null {
  return standardError(tasks.map(meanFraction));
}
