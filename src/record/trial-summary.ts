import { isPassing } from './reward.js';
import type { Blame } from './blame.js';
import type { Ending } from './ending.js';
import type { Verdict } from './verdict.js';
import type { VerifierStatus } from './verifier-status.js';

/** One trial between disk and score; see `JobSummary`. */
export interface TrialSummary {
  /** What its harness named it by, once and for all; null where a format has no such name. */
  readonly id: string | null;
  readonly task: string;
  readonly name: string;
  /** The trial's folder; null where a format keeps no folder a trial. */
  readonly dir: string | null;
  /** 1-based; null in foreign records, whose attempts are numbered by start time, then name. */
  readonly attempt: number | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** The verifier's number as written; null without a verdict. */
  readonly reward: number | null;
  /** What the headline counts: the reward after integrity rules, 0 without a verdict. */
  readonly effectiveReward: number;
  readonly rewards: Readonly<Record<string, number>>;
  /** False when the tests gave no verdict: such a trial says nothing about the model. */
  readonly measured: boolean;
  readonly ending: Ending | null;
  /** True when the ending was read from indirect evidence (step count, last command) of a foreign record. */
  readonly endingInferred: boolean;
  readonly blame: Blame | null;
  readonly errorType: string | null;
  readonly status: VerifierStatus | null;
  readonly verdict: Verdict | null;
  /** Of a task of several steps, those that were begun. */
  readonly steps?: readonly StepSummary[];
  readonly tokens: TokenCounts;
  readonly turns: number | null;
  /** Turns that did not go as they should; null where they were not counted. */
  readonly oddTurns: OddTurns | null;
  /** Tokens in the context after the last turn; null where turns were not counted one by one. */
  readonly contextTokens: number | null;
  readonly phasesMs: PhaseTimes;
  readonly clock: {
    readonly mode: string;
    readonly limitMs: number | null;
    readonly wallMs: number;
    /** Share of the agent's time in which the model server kept the model from answering; null before 0.2. */
    readonly serverShare: number | null;
    /** Time for which a person had paused it; it is in no other time of the clock. */
    readonly pausedMs: number;
  } | null;
  readonly taskDigest: string | null;
  /** All digests recorded of the task, in whichever formulas. */
  readonly taskDigests: readonly string[];
  readonly difficulty: string | null;
  readonly category: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The trial's own deviations from the task, in the words of `JobSummary.overrides`. */
  readonly overrides: readonly string[];
  readonly timeoutMultiplier: number;
}

/** One step of a trial. */
export interface StepSummary {
  readonly name: string;
  /** Null without a verdict. */
  readonly reward: number | null;
  readonly verdict: Verdict | null;
}

export interface OddTurns {
  readonly formatErrors: number;
  /** Replies that hit their token limit. */
  readonly truncated: number;
  /** Calls our own parser found where the server's did not. */
  readonly recoveredCalls: number;
  /** Turns whose prompt lacked thoughts of the history. */
  readonly droppedThoughts: number;
  readonly requestRetries: number;
}

export interface TokenCounts {
  readonly input: number | null;
  readonly output: number | null;
  readonly cached: number | null;
}

/** Wall time of the phases; `model` and `commands` are the parts of `agent` that the record itemises. */
export interface PhaseTimes {
  readonly total: number | null;
  readonly environmentSetup: number | null;
  readonly agentSetup: number | null;
  readonly agent: number | null;
  readonly verifier: number | null;
  readonly model: number | null;
  readonly commands: number | null;
}

/** No phase measured. */
export const noPhaseTimes: PhaseTimes = {
  total: null,
  environmentSetup: null,
  agentSetup: null,
  agent: null,
  verifier: null,
  model: null,
  commands: null,
};

/** Whether a trial counts as passed in the headline. */
export function isPass(trial: Pick<TrialSummary, 'effectiveReward'>): boolean {
  return isPassing(trial.effectiveReward);
}
