import type { Dataset, Task } from '../dataset/task.js';
import type { JobEvent } from '../record/event.js';
import type { AnsweringKind } from '../record/model-kind.js';
import type { RunSpec } from '../record/run-spec.js';
import type { Redact } from '../results/redact.js';
import type { OpenDispatcher } from './dispatcher.js';
import type { JobPace } from './pace.js';
import type { Concurrency, Host } from './schedule/admission.js';

/** A job as asked for: all trials of one dataset, model and harness. */
export interface JobRequest {
  readonly name: string;
  /** Folder of the job, `results/<job>`. */
  readonly dir: string;
  readonly dataset: Dataset;
  /** The tasks chosen from the dataset; those that cannot be run are left out with a note. */
  readonly tasks: readonly Task[];
  /** The run that the job is part of; config.json keeps it. */
  readonly run: RunSpec;
  /** What answers the agent, as it names itself; null for oracle and nop. */
  readonly model: JobModel | null;
  /** The harness file that was read; null for oracle and nop. */
  readonly harness: JobHarness | null;
  /** tbench's own version. */
  readonly version: string;
  /** What config.json tells a person beside all this: engine, servers. */
  readonly notes: Readonly<Record<string, unknown>>;
}

/** The agent as its trials name it. */
export function agentName({ run, harness }: Pick<JobRequest, 'run' | 'harness'>): string {
  return harness?.name ?? run.agent.kind;
}

export interface JobModel {
  readonly name: string;
  readonly kind: AnsweringKind;
}

/** The harness as a job records it. */
export interface JobHarness {
  readonly name: string;
  /** sha256 of the harness file's text. */
  readonly digest: string;
  readonly budget: Readonly<Record<string, unknown>>;
}

/** What a job is run with. */
export interface JobTools {
  /** Who makes the trials. */
  readonly openDispatcher: OpenDispatcher;
  readonly redact: Redact;
  /** Where sandboxes write: no trial starts while the disk of one of these folders, or of the job's, is nearly full. */
  readonly sandboxDirs: readonly string[];
  /** What the engine's host has for trials. */
  readonly host: Host;
  /** Trials at once, where others than the run decide: workers of a queue. */
  readonly concurrency?: Concurrency;
  readonly emit: (event: JobEvent) => void;
  /** Order of the trials and when there are enough; without one all are made. */
  readonly pace?: JobPace;
}

/** How a job ended. `unmeasured` are trials without a verdict: infrastructure failed them for good. */
export interface JobReport {
  readonly name: string;
  readonly dir: string;
  readonly done: number;
  readonly total: number;
  readonly reused: number;
  readonly unmeasured: readonly string[];
  /** Trials that a person cancelled: not made, until the job is continued. */
  readonly cancelled: readonly string[];
}
