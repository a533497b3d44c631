import { tableOf } from '../../../base/json-value.js';
import { overallReward } from '../../../record/reward.js';
import { isReward } from '../foreign-number.js';

/** The rewards of a record, as far as they can be read. */
export interface ReadRewards {
  readonly rewards: Readonly<Record<string, number>>;
  /** Null where there is none, and where the one that counts is no number. */
  readonly reward: number | null;
  /** What a person should know of them, as predicates of the file. */
  readonly problems: readonly string[];
}

/**
 * Reads `verifier_result`. A reward that is no number (null, text, NaN) is no verdict: its trial stays, unmeasured,
 * because a trial that vanished would raise the mean.
 */
export function readRewards(verifierResult: unknown): ReadRewards {
  const none = { rewards: {}, reward: null };
  if (verifierResult === null || verifierResult === undefined) return { ...none, problems: [] };
  const stored = tableOf(verifierResult)?.['rewards'] ?? null;
  const table = tableOf(stored);
  if (table === null && stored === null && tableOf(verifierResult) !== null) return { ...none, problems: [] };
  if (table === null)
    return { ...none, problems: ['has rewards that cannot be read: the trial has no verdict'] };
  const entries = Object.entries(table);
  const rewards = Object.fromEntries(
    entries.filter((entry): entry is [string, number] => isReward(entry[1])),
  );
  const unreadable = entries.filter(([, value]) => !isReward(value)).map(([name]) => name);
  const counts = 'reward' in table ? unreadable.includes('reward') : unreadable.length > 0;
  return {
    rewards,
    reward: counts ? null : overallReward(rewards),
    problems: [
      ...(counts ? [`has no number as the reward ${unreadable.join(', ')}: the trial has no verdict`] : []),
      ...(entries.length > 1 && !('reward' in table) && !counts
        ? [`has the rewards ${Object.keys(rewards).join(', ')} and none named "reward": their mean counts`]
        : []),
    ],
  };
}
