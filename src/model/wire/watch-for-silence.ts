import { linkAbort } from '../../base/deadline.js';
import { RequestFailure } from './request-failure.js';

/** The life of one request: its signal aborts with the caller's, or when the server is silent for too long. */
export interface SilenceWatch extends Disposable {
  readonly signal: AbortSignal;
  /** Tells that a byte has come: the silence begins anew. */
  heard(): void;
}

/** setTimeout fires at once for a longer delay. */
const longestTimerMs = 2 ** 31 - 1;

/** Limits the silence of a server instead of the whole answer, which may rightly take an hour. */
export function watchForSilence(
  idleTimeoutMs: number,
  parent: AbortSignal,
  onByte?: () => void,
): SilenceWatch {
  const linked = linkAbort(parent);
  let started = false;
  const timer = setTimeout(
    () => linked.abort(new RequestFailure({ kind: 'idle', idleMs: idleTimeoutMs, started })),
    Math.min(idleTimeoutMs, longestTimerMs),
  );
  return {
    signal: linked.signal,
    heard: () => {
      started = true;
      timer.refresh();
      onByte?.();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      linked[Symbol.dispose]();
    },
  };
}
