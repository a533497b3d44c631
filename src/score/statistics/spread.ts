import { mean, populationStd, populationVariance, quantile, sum } from './moments.js';
import { createRandom, defaultSeed, shuffle } from './random.js';

/** The rewards of one task's attempts, in the order of the runs. */
export type Rewards = readonly number[];

/**
 * Expected population std over runs when each task's attempts are dealt to the runs at random:
 * sqrt(sum_i v_i) / N with v_i the population variance of task i's attempts. Free of the arbitrary pairing of
 * attempts into runs. Derivation: a run holds one draw without replacement of each task, whose variance is
 * v_i, and tasks are independent. Null without two attempts anywhere.
 */
export function expectedStd(tasks: readonly Rewards[]): number | null {
  if (!tasks.some((rewards) => rewards.length > 1)) return null;
  return Math.sqrt(sum(tasks.map(populationVariance))) / tasks.length;
}

/**
 * Unbiased estimate of the std of one run's score over fresh attempts at the same tasks:
 * sqrt(sum_i v_i k_i/(k_i - 1)) / N. Null when some task has a single attempt.
 */
export function singleRunStd(tasks: readonly Rewards[]): number | null {
  if (tasks.length === 0 || tasks.some((rewards) => rewards.length < 2)) return null;
  return Math.sqrt(sum(tasks.map(sampleVariance))) / tasks.length;
}

/**
 * Standard error of the mean for new attempts at these same tasks: sqrt(sum_i s_i^2 / k_i) / N, s_i^2 the
 * sample variance within task i. Null when some task has a single attempt.
 */
export function fixedTaskStandardError(tasks: readonly Rewards[]): number | null {
  if (tasks.length === 0 || tasks.some((rewards) => rewards.length < 2)) return null;
  return Math.sqrt(sum(tasks.map((rewards) => sampleVariance(rewards) / rewards.length))) / tasks.length;
}

/** Variance within one task, sum (x - mean)^2 / (k - 1). */
export function sampleVariance(rewards: Rewards): number {
  return rewards.length < 2 ? 0 : (populationVariance(rewards) * rewards.length) / (rewards.length - 1);
}

/**
 * Task-clustered standard error: the std of the task means over sqrt(N), for tasks as a sample of all tasks
 * one could have asked. sqrt(sum_i (m_i - m)^2 / (N (N - 1))). Null for fewer than two tasks.
 */
export function clusteredStandardError(tasks: readonly Rewards[]): number | null {
  if (tasks.length < 2) return null;
  return Math.sqrt(populationVariance(tasks.map(mean)) / (tasks.length - 1));
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * The 5 to 95 % range of the population std over runs under random re-pairings of attempts into runs: how
 * much of a printed +- is the accident of file order. Monte Carlo, seeded. Null unless all tasks have the
 * same number (two or more) of attempts.
 */
export function repairingRange(tasks: readonly Rewards[], draws = 10_000, seed = defaultSeed): Range | null {
  const runs = tasks[0]?.length ?? 0;
  if (runs < 2 || tasks.some((rewards) => rewards.length !== runs)) return null;
  const random = createRandom(seed);
  const constant = sum(tasks.filter(isConstant).map(mean));
  const varying = tasks
    .filter((rewards) => !isConstant(rewards))
    .map((rewards) => Float64Array.from(rewards));
  const spreads = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    const totals = new Array<number>(runs).fill(constant);
    for (const rewards of varying) {
      shuffle(rewards, random);
      for (let run = 0; run < runs; run += 1) totals[run] = (totals[run] ?? 0) + (rewards[run] ?? 0);
    }
    spreads[draw] = populationStd(totals) / tasks.length;
  }
  spreads.sort();
  return { low: quantile(spreads, 0.05), high: quantile(spreads, 0.95) };
}

function isConstant(rewards: Rewards): boolean {
  return rewards.every((reward) => reward === rewards[0]);
}
