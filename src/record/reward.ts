import { mean } from '../base/number/mean.js';
import type { Verdict } from './verdict.js';

/**
 * The one number that stands for a trial whose tests gave `rewards`: the one named `reward`, else the mean of all.
 * Null when there are none.
 */
export function overallReward(rewards: Readonly<Record<string, number>>): number | null {
  const named = rewards['reward'];
  if (named !== undefined) return named;
  const values = Object.values(rewards);
  return values.length === 0 ? null : mean(values);
}

/** What the headline counts of a reward: nothing of one that is missing, or that its verdict takes away. */
export function effectiveReward(reward: number | null, verdict: Verdict | null): number {
  return verdict === 'tampered' || verdict === 'unverifiable' ? 0 : (reward ?? 0);
}

/** A trial passes at reward 1 or more; fractional rewards are credit, not passes. */
export function isPassing(reward: number): boolean {
  return reward >= 1;
}

/**
 * The rewards as result.json holds them. Harbor's readers take `reward` as the score, so what the headline counts
 * stands there, whatever the tests called it.
 */
export function storedRewards(
  rewards: Readonly<Record<string, number>>,
  effective: number,
): Record<string, number> {
  return { ...rewards, reward: effective };
}
