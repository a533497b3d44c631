import type { Blame, Ending, Verdict, VerifierStatus } from './record.js';

/**
 * The shape between disk and score: what tbench, Harbor, mini-swe-agent and Terminal-Bench 1 folders have in
 * common, as plain data. `null` means "the record does not say". Times are milliseconds, instants ISO 8601.
 */
export interface JobSummary {
  readonly name: string;
  readonly dir: string;
  readonly format: JobFormat;
  readonly model: string | null;
  /** `live`, `replay`, `scripted`, `none` (oracle, nop); null for foreign jobs, which do not say. */
  readonly modelKind: ModelKind | null;
  readonly agent: string;
  readonly dataset: {
    readonly name: string;
    readonly version: string | null;
    readonly digest: string | null;
  };
  readonly harness: { readonly name: string; readonly digest: string | null } | null;
  /** What ran the sandboxes: `podman`, `daytona` ... */
  readonly backend: string | null;
  /** The token budget in one line, as the harness states it. */
  readonly budgetMode: string | null;
  readonly clockMode: string | null;
  readonly timeoutMultiplier: number;
  /** Timeouts, resources or verifier settings that are not the task's own, as `key = value`. */
  readonly overrides: readonly string[];
  /** Attempts a task that the job planned; null when it does not say. */
  readonly attemptsPlanned: number | null;
  /** Trials the job planned in all; null when it does not say. */
  readonly trialsPlanned: number | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly trials: readonly TrialSummary[];
  /** Trial folders without a result: begun or broken off, not counted as trials. */
  readonly incomplete: readonly string[];
  /** Corrupt or foreign files, named and skipped. */
  readonly problems: readonly Problem[];
}

export type JobFormat = 'tbench' | 'harbor' | 'mini-swe-agent' | 'terminal-bench-1';
export type ModelKind = 'live' | 'replay' | 'scripted' | 'none';

export interface Problem {
  readonly path: string;
  readonly message: string;
}

export interface TrialSummary {
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
  readonly tokens: TokenCounts;
  readonly turns: number | null;
  /** Turns that did not go as they should; null where they were not counted. */
  readonly oddTurns: OddTurns | null;
  /** Tokens in the context after the last turn; null where turns were not counted one by one. */
  readonly contextTokens: number | null;
  readonly phasesMs: PhaseTimes;
  readonly clock: { readonly mode: string; readonly limitMs: number | null; readonly wallMs: number } | null;
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

/** `name` or `name@version`, as tables show it. */
export function datasetLabel(dataset: JobSummary['dataset']): string {
  return dataset.version === null || dataset.version === ''
    ? dataset.name
    : `${dataset.name}@${dataset.version}`;
}
