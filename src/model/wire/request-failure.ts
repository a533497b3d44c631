/** What was seen when a request to a model server failed, before anyone judges it. */
export type FailureFacts =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** From Retry-After, in seconds or as a date. */
      readonly retryAfterMs: number | null;
      readonly body: string;
    }
  /** An error object where a chunk of a 200 stream, or a completion, should have been. */
  | { readonly kind: 'error-in-stream'; readonly body: string }
  | { readonly kind: 'connection'; readonly code: string | null; readonly message: string }
  /** No byte for `idleMs`. */
  | {
      readonly kind: 'idle';
      readonly idleMs: number;
      readonly started: boolean;
      /** For how long the server's engine generated nothing while requests ran, where it tells. */
      readonly engineStillMs?: number;
    }
  /** A 200 whose body is not a chat completion, or a stream that ended without a finish reason. */
  | { readonly kind: 'protocol'; readonly message: string };

/** A failed request inside `model/`; becomes a `ModelError` once it is known that it failed for good. */
export class RequestFailure extends Error {
  constructor(
    readonly facts: FailureFacts,
    cause?: unknown,
  ) {
    super(`request failed: ${facts.kind}`, cause === undefined ? undefined : { cause });
    this.name = 'RequestFailure';
  }
}

/** Milliseconds of a Retry-After header (seconds or an HTTP date); null when absent or unreadable. */
export function parseRetryAfter(value: string | null | undefined, now: number = Date.now()): number | null {
  if (value === null || value === undefined) return null;
  const seconds = Number(value);
  if (value.trim() !== '' && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
