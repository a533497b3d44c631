import type { Rewards } from './rewards.js';
import { populationVariance, rootOfSum, sampleVariance } from './variance.js';

/**
 * Expected population std over runs when each task's attempts are dealt to the runs at random:
 * sqrt(sum_i v_i) / N with v_i the population variance of task i's attempts. Free of the arbitrary pairing of
 * attempts into runs. Derivation: a run holds one draw without replacement of each task, whose variance is
 * v_i, and tasks are independent. Null without two attempts anywhere.
 */
export function expectedStd(tasks: readonly Rewards[]): number | null {
  if (!tasks.some((rewards) => rewards.length > 1)) return null;
  return rootOfSum(tasks.map(populationVariance), tasks.length);
}

/**
 * Unbiased estimate of the std of one run's score over fresh attempts at the same tasks:
 * sqrt(sum_i v_i k_i/(k_i - 1)) / N. Null when some task has a single attempt.
 */
export function singleRunStd(tasks: readonly Rewards[]): number | null {
  if (tasks.length === 0 || tasks.some((rewards) => rewards.length < 2)) return null;
  return rootOfSum(tasks.map(sampleVariance), tasks.length);
}
