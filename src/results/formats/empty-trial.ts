import { effectiveReward } from '../../record/reward.js';
import { noPhaseTimes, type TrialSummary } from '../../record/trial-summary.js';

/** A trial of which nothing is known but its name: what the readers of foreign formats fill in. */
export function emptyTrial(task: string, name: string): TrialSummary {
  return {
    id: null,
    task,
    name,
    dir: null,
    attempt: null,
    startedAt: null,
    finishedAt: null,
    reward: null,
    effectiveReward: 0,
    rewards: {},
    measured: false,
    ending: null,
    endingInferred: false,
    blame: null,
    errorType: null,
    status: null,
    verdict: null,
    tokens: { input: null, output: null, cached: null },
    turns: null,
    oddTurns: null,
    contextTokens: null,
    phasesMs: noPhaseTimes,
    clock: null,
    taskDigest: null,
    taskDigests: [],
    difficulty: null,
    category: null,
    metadata: {},
    overrides: [],
    timeoutMultiplier: 1,
  };
}

/** What a foreign record says of a trial's score: resolved or not under the format's own name; null when it does not say. */
export function resolvedAs(
  name: string,
  resolved: boolean | null,
): Pick<TrialSummary, 'reward' | 'effectiveReward' | 'rewards' | 'measured'> {
  const reward = resolved === null ? null : Number(resolved);
  return {
    reward,
    effectiveReward: effectiveReward(reward, null),
    rewards: reward === null ? {} : { [name]: reward },
    measured: reward !== null,
  };
}
