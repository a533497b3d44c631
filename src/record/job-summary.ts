import type { ModelKind } from './model-kind.js';
import type { TrialSummary } from './trial-summary.js';

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
  /** The tasks it planned, by name; null when the record does not say. */
  readonly tasksPlanned: readonly string[] | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly trials: readonly TrialSummary[];
  /** Trials that a person cancelled and nobody has made since; null when the record does not say. */
  readonly cancelled: number | null;
  /** Trial folders without a result: begun or broken off, not counted as trials. */
  readonly incomplete: readonly string[];
  /** Corrupt or foreign files, named and skipped. */
  readonly problems: readonly Problem[];
}

export type JobFormat = 'tbench' | 'harbor' | 'mini-swe-agent' | 'terminal-bench-1';

export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** `name` or `name@version`, as tables show it. */
export function datasetLabel(dataset: JobSummary['dataset']): string {
  return dataset.version === null || dataset.version === ''
    ? dataset.name
    : `${dataset.name}@${dataset.version}`;
}
