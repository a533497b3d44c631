import { linkAbort, startTimer } from '../../base/deadline.js';
import { RequestFailure } from './request-failure.js';

/** The life of one request: its signal aborts with the caller's, or when the server is silent for too long. */
export interface SilenceWatch extends Disposable {
  readonly signal: AbortSignal;
  /** Tells that a byte has come: the silence begins anew. */
  heard(): void;
}

export interface SilenceLimits {
  /** After how long a silence the engine is looked at; where it is seen to stand still, the request is given up. */
  readonly idleTimeoutMs: number;
  /** How long the silence may be where the engine is seen to generate, or not seen at all. Default: no longer. */
  readonly longestMs?: number;
  /** For how long the engine has been seen to generate nothing; null when the server does not tell. */
  readonly engineStillMs?: () => number | null;
  readonly signal: AbortSignal;
  /** Called whenever bytes of the answer have come. */
  readonly onByte?: () => void;
}

/**
 * Limits the silence of a server instead of the whole answer, which may rightly take an hour. A server that generates for
 * others while it is silent here is loaded, and asking again would only lose the place in its queue. One that tells no figures
 * may be slow and send nothing before all is written: asking again would throw its work away.
 */
export function watchForSilence(limits: SilenceLimits): SilenceWatch {
  const { idleTimeoutMs, longestMs = idleTimeoutMs } = limits;
  const linked = linkAbort(limits.signal);
  let started = false;
  let silentMs = 0;
  const timer = startTimer(idleTimeoutMs, () => {
    silentMs += idleTimeoutMs;
    const stillMs = limits.engineStillMs?.() ?? null;
    const isStill = stillMs !== null && stillMs >= idleTimeoutMs / 2;
    if (!isStill && silentMs + idleTimeoutMs <= longestMs) timer.restart();
    else linked.abort(new RequestFailure(idleFacts(silentMs, started, isStill ? stillMs : null)));
  });
  return {
    signal: linked.signal,
    heard: () => {
      started = true;
      silentMs = 0;
      timer.restart();
      limits.onByte?.();
    },
    [Symbol.dispose]: () => {
      timer.cancel();
      linked[Symbol.dispose]();
    },
  };
}

function idleFacts(idleMs: number, started: boolean, stillMs: number | null) {
  return { kind: 'idle' as const, idleMs, started, ...(stillMs === null ? {} : { engineStillMs: stillMs }) };
}
