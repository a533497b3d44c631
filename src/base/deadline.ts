import { setTimeout as sleepFor } from 'node:timers/promises';

/** Why a signal of ours aborted: the time was up (a value to report), not a cancellation. */
export class DeadlineReached extends Error {
  constructor(readonly limitMs: number) {
    super(`time limit of ${limitMs} ms reached`);
    this.name = 'DeadlineReached';
  }
}

/** A signal that aborts with `DeadlineReached` after `limitMs`, or earlier with the parent's reason. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Opens a deadline. Dispose it when the work is over, or its timer and its listener on the parent stay.
 * (`AbortSignal.any` on Node 20 leaks its sources, hence the listener of our own.)
 */
export function openDeadline(limitMs: number | null, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const onParentAbort = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) onParentAbort();
  else parent?.addEventListener('abort', onParentAbort, { once: true });
  const timer =
    limitMs === null ? undefined : startTimer(limitMs, () => controller.abort(new DeadlineReached(limitMs)));
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      timer?.cancel();
      parent?.removeEventListener('abort', onParentAbort);
    },
  };
}

/** Waits `ms`, or throws the signal's reason as soon as it aborts. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : error;
  }
}

const longestTimeoutMs = 2 ** 31 - 1;

/** A timer without setTimeout's 24.8 day ceiling (a longer delay would fire at once). */
export function startTimer(ms: number, fire: () => void): { cancel: () => void } {
  let left = ms;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const step = Math.min(left, longestTimeoutMs);
    left -= step;
    handle = setTimeout(left > 0 ? arm : fire, step);
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
}
