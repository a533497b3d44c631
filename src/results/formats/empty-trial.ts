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
