import { z } from 'zod';
import { blames, type Blame } from './blame.js';
import { effectiveReward } from './reward.js';
import type { TrialResult } from './trial-result.js';
import type { Verdict } from './verdict.js';
import type { VerifierStatus } from './verifier-status.js';

/** What came of a trial: a number the headline counts, or no measurement and who is to blame for that. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('scored'), reward: z.number() }),
  z.object({ kind: z.literal('unmeasured'), blame: z.enum(blames) }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** What an outcome is judged by; null is "the record does not say". */
export interface OutcomeFacts {
  /** What the tests gave, before the verdict. */
  readonly reward: number | null;
  readonly status: VerifierStatus | null;
  readonly verdict: Verdict | null;
  readonly blame: Blame | null;
}

/** Whether the tests ran to their end; a foreign record that does not say is believed. */
export function testsRan(status: VerifierStatus | null): boolean {
  return status === null || status === 'completed';
}

/** A trial is scored when its tests ran to their end and left a reward; a 0 of tests that never ran says nothing. */
export function judgeOutcome({ reward, status, verdict, blame }: OutcomeFacts): Outcome {
  return reward !== null && testsRan(status)
    ? { kind: 'scored', reward: effectiveReward(reward, verdict) }
    : { kind: 'unmeasured', blame: blame ?? 'verifier' };
}

/** The outcome of a trial that tbench made. */
export function outcomeOf({ integrity, tbench }: Pick<TrialResult, 'integrity' | 'tbench'>): Outcome {
  return judgeOutcome({
    reward: integrity?.raw_reward ?? null,
    status: integrity?.status ?? null,
    verdict: integrity?.verdict ?? null,
    blame: tbench.blame,
  });
}

/**
 * Not measured because infrastructure broke: the one reason to make a trial again, now or when the job is
 * continued, and to end a run with an exit code that says that its surroundings failed.
 */
export function isBrokenByInfrastructure(outcome: Outcome): boolean {
  return outcome.kind === 'unmeasured' && outcome.blame === 'infrastructure';
}
