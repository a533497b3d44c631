import { setMaxListeners } from 'node:events';
import { setTimeout as sleepFor } from 'node:timers/promises';

/** Why a signal of ours aborted: the time was up (a value to report), not a cancellation. */
export class DeadlineReached extends Error {
  constructor(readonly limitMs: number) {
    super(`time limit of ${limitMs} ms reached`);
    this.name = 'DeadlineReached';
  }
}

/** Calls `react` once when the signal aborts, at once when it already has. Dispose it when the work is over. */
export function onAbort(signal: AbortSignal | undefined, react: (reason: unknown) => void): Disposable {
  const listener = (): void => react(signal?.reason);
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', listener) };
}

/** A controller whose signal also aborts with its parent's reason. Disposing it lets go of the parent. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts this signal and those linked to it, never the parent. */
  readonly abort: (reason?: unknown) => void;
}

/**
 * Opens a controller below `parent`. It stands in for `AbortSignal.any`, which on Node 20 loses its listeners
 * after a garbage collection. Any number of callers may listen: Node's warning of a leak at eleven is off.
 */
export function linkAbort(parent?: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const abort = (reason?: unknown): void => controller.abort(reason);
  const link = onAbort(parent, abort);
  return { signal: controller.signal, abort, [Symbol.dispose]: () => link[Symbol.dispose]() };
}

/** A signal that aborts with `DeadlineReached` after `limitMs`, or earlier with the parent's reason. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
}

/** Opens a deadline; null is no limit. Dispose it when the work is over, or its timer and its listener stay. */
export function openDeadline(limitMs: number | null, parent?: AbortSignal): Deadline {
  const link = linkAbort(parent);
  const timer =
    limitMs === null ? undefined : startTimer(limitMs, () => link.abort(new DeadlineReached(limitMs)));
  return {
    signal: link.signal,
    [Symbol.dispose]: () => {
      timer?.cancel();
      link[Symbol.dispose]();
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

/** Does `work` again and again, `ms` after it has settled, until the signal aborts; its failures are its own to tell. */
export async function repeat(ms: number, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await work();
    await sleep(ms, signal).catch(() => undefined);
  }
}

const longestTimeoutMs = 2 ** 31 - 1;

/** Waits for work that may never end, such as a farewell to a peer that is away, but `ms` at most; a failure is as good as an end. */
export async function waitBriefly(ms: number, work: Promise<unknown>): Promise<void> {
  using limit = openDeadline(ms);
  const over = new Promise((resolve) => onAbort(limit.signal, resolve));
  await Promise.race([work, over]).catch(() => undefined);
}

/** Something that will happen later, unless it is cancelled before. */
export interface Timer {
  readonly cancel: () => void;
  /** Begins the whole time anew, also after it has run out. */
  readonly restart: () => void;
}

/** Calls `fire` once, after `ms`. Unlike setTimeout it may wait for longer than 24.8 days (there `fire` would come at once). */
export function startTimer(ms: number, fire: () => void): Timer {
  let left = ms;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const step = Math.min(left, longestTimeoutMs);
    left -= step;
    handle = setTimeout(left > 0 ? arm : fire, step);
  };
  arm();
  return {
    cancel: () => clearTimeout(handle),
    restart: () => {
      clearTimeout(handle);
      left = ms;
      arm();
    },
  };
}

/** Calls `tick` every `ms` until it is cancelled. */
export function startTicker(ms: number, tick: () => void): Pick<Timer, 'cancel'> {
  const handle = setInterval(tick, ms);
  return { cancel: () => clearInterval(handle) };
}
