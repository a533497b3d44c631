import type { Task } from '../dataset/task.js';
import type { TrialEvent } from '../record/event.js';
import type { TrialSpec } from '../record/trial-spec.js';
import type { TryOutcome } from '../record/try-outcome.js';
import type { TrialSource } from '../trial/trial.js';

/**
 * Gives trials to somebody who makes them: this process (`local-dispatcher.ts`), or the workers of a queue
 * (`queue/queue-dispatcher.ts`).
 */
export interface Dispatcher {
  /**
   * Has one try made and returns what came of it. By then everything of the try but `result.json` lies in its folder
   * of the job; a worker delivers it as an archive. Whatever breaks on the way is told by the outcome. Throws
   * `CancelledError` when the signal aborts, which ends the try wherever it is made, and `ResultsError` when the
   * folder cannot be written.
   */
  run(spec: TrialSpec, signal: AbortSignal): Promise<TryOutcome>;
  /**
   * Goes on with a try that a process before this one left in the middle, in the sandbox that still runs. Null, and a reason told,
   * where that cannot be: then the try is made anew. Nobody who makes trials elsewhere needs it.
   */
  resume?(spec: TrialSpec, signal: AbortSignal): Promise<TryOutcome | null>;
}

/** Opens the dispatcher of one job. */
export type OpenDispatcher = (job: DispatchedJob) => Dispatcher;

/** What a dispatcher is told of the job whose trials it gives away; never leaves this host. */
export interface DispatchedJob {
  /** The job's folder. */
  readonly dir: string;
  readonly tasks: readonly DispatchedTask[];
  /** Takes what can be seen of the trials while they run, wherever they do. */
  readonly emit: (event: TrialEvent) => void;
  /** Null unless the job or the trial is paused, else resolves when it goes on; asked between turns. */
  readonly hold: (trial: string, signal: AbortSignal) => Promise<void> | null;
}

/** A task of this host's copy of the dataset, and where it came from. */
export interface DispatchedTask {
  readonly task: Task;
  readonly source: TrialSource;
}
