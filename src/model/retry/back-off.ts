/** How often and how long a transient failure is waited out. */
export interface RetryPolicy {
  /** Tries in all, the first one included. */
  readonly maxTries: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** A server may ask for more with Retry-After, up to this. */
  readonly retryAfterCapMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  maxTries: 10,
  baseMs: 1000,
  capMs: 60_000,
  retryAfterCapMs: 300_000,
};

/**
 * Milliseconds to wait before the next try: exponential with jitter between half and the whole, never less than
 * the server asked for. `failures` counts from 1; `random` is in [0, 1).
 */
export function backOffMs(
  policy: RetryPolicy,
  failures: number,
  { retryAfterMs, random }: { readonly retryAfterMs: number | null; readonly random: number },
): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
  const wait = ceiling * (0.5 + random / 2);
  return Math.max(wait, Math.min(retryAfterMs ?? 0, policy.retryAfterCapMs));
}
