import { linkAbort, onAbort, type LinkedAbort } from '../../base/deadline.js';
import { CancelledError } from '../../base/errors.js';
import { nearestName } from '../../base/nearest-name.js';
import { describeControl, type ControlAnswer, type ControlCommand } from '../../record/control-command.js';

/** What people may change of a job while it runs, and what its trials ask before they go on. */
export interface JobControl {
  /** Null when neither the job nor this trial is paused; else resolves when that is so, or rejects with the signal's reason. */
  hold(trial: string, signal: AbortSignal): Promise<void> | null;
  /** The signal of a trial that starts; dispose it when the trial is over. */
  begin(trial: string, parent: AbortSignal): LinkedAbort;
  isCancelled(trial: string): boolean;
  /** Does what a person asks for, and says what came of it. */
  apply(command: ControlCommand): ControlAnswer;
}

/** What the commands act on. */
export interface ControlledJob {
  /** Trials that are not done. */
  readonly missing: () => readonly string[];
  readonly setConcurrency: (concurrency: number | 'auto') => void;
  /** Ends the job as Ctrl-C does. */
  readonly cancel: (reason: CancelledError) => void;
  /** Told what was done, before it takes effect. */
  readonly tell: (command: ControlCommand) => void;
}

/** The control of one start of a job. */
export function createJobControl(job: ControlledJob): JobControl {
  const running = new Map<string, LinkedAbort>();
  const cancelled = new Set<string>();
  const paused = new Set<string>();
  const waiting = new Set<() => void>();
  let allPaused = false;
  const isPaused = (trial: string): boolean => allPaused || paused.has(trial);
  const wakeAll = (): void => {
    for (const wake of waiting) wake();
  };
  const pause = (trials: readonly string[]): void => {
    if (trials.length === 0) allPaused = true;
    for (const trial of trials) paused.add(trial);
  };
  const resume = (trials: readonly string[]): void => {
    if (trials.length === 0) {
      allPaused = false;
      paused.clear();
    }
    for (const trial of trials) paused.delete(trial);
    wakeAll();
  };
  const cancel = (trials: readonly string[]): void => {
    if (trials.length === 0) job.cancel(new CancelledError('the job was cancelled by hand'));
    for (const trial of trials) {
      cancelled.add(trial);
      running.get(trial)?.abort(new CancelledError(`${trial} was cancelled by hand`));
    }
  };
  return {
    hold(trial, signal) {
      return isPaused(trial) ? untilNot(() => isPaused(trial), waiting, signal) : null;
    },
    begin(trial, parent) {
      const link = linkAbort(parent);
      running.set(trial, link);
      const end = (): void => {
        running.delete(trial);
        paused.delete(trial);
        link[Symbol.dispose]();
      };
      return { signal: link.signal, abort: link.abort, [Symbol.dispose]: end };
    },
    isCancelled: (trial) => cancelled.has(trial),
    apply(command) {
      const refused = refusal(command, { missing: job.missing(), running, cancelled, allPaused, isPaused });
      if (refused !== null) return { done: false, text: refused };
      job.tell(command);
      if (command.action === 'set') job.setConcurrency(command.concurrency);
      else ({ pause, resume, cancel })[command.action](command.trials);
      return { done: true, text: describeControl(command) };
    },
  };
}

async function untilNot(
  isPaused: () => boolean,
  waiting: Set<() => void>,
  signal: AbortSignal,
): Promise<void> {
  while (isPaused()) {
    signal.throwIfAborted();
    await nextChange(waiting, signal);
  }
  signal.throwIfAborted();
}

/** Settles at the next resume, or when the signal aborts. */
function nextChange(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      waiting.delete(wake);
      resolve();
      queueMicrotask(() => listener[Symbol.dispose]());
    };
    waiting.add(wake);
    const listener = onAbort(signal, wake);
  });
}

interface Standing {
  readonly missing: readonly string[];
  readonly running: ReadonlyMap<string, unknown>;
  readonly cancelled: ReadonlySet<string>;
  readonly allPaused: boolean;
  readonly isPaused: (trial: string) => boolean;
}

/** Why a command cannot be done; null when it can. */
function refusal(command: ControlCommand, standing: Standing): string | null {
  if (command.action === 'set') return null;
  const { missing, running, cancelled, allPaused, isPaused } = standing;
  const { action, trials } = command;
  for (const trial of trials) {
    if (!missing.includes(trial)) return `${trial} is not under way or ahead${guess(trial, missing)}`;
    if (cancelled.has(trial)) return `${trial} is cancelled already`;
    if (action !== 'cancel' && !running.has(trial)) return `${trial} has not started; it can be cancelled`;
    if (action === 'pause' && isPaused(trial)) return `${trial} is paused already`;
    if (action === 'resume' && allPaused) return `the whole job is paused: resume it without naming ${trial}`;
    if (action === 'resume' && !isPaused(trial)) return `${trial} is not paused`;
  }
  if (trials.length > 0) return null;
  if (action === 'pause' && allPaused) return 'the job is paused already';
  if (action === 'resume' && !allPaused && ![...running.keys()].some(isPaused))
    return 'the job is not paused';
  return null;
}

function guess(trial: string, missing: readonly string[]): string {
  const nearest = nearestName(trial, missing);
  return nearest === null ? '' : `; did you mean ${nearest}?`;
}
