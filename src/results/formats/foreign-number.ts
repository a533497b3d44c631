import { z } from 'zod';

/** More tokens, turns or trials than anything recorded can hold. */
const mostCounted = 1e12;
/** Ten years: no phase of a trial lasts as long. */
const longestSeconds = 10 * 366 * 24 * 3600;
/** Tasks may give any points, but no more than this. */
const largestReward = 1e6;

/** Tokens, turns, attempts as a stranger's record says them; null for what cannot be true: negative, broken, huge. */
export const foreignCount = z.number().int().min(0).max(mostCounted).nullish().catch(null);

/** Seconds likewise. */
export const foreignSeconds = z.number().min(0).max(longestSeconds).nullish().catch(null);

/** A length of time in milliseconds, or null where it cannot be true. */
export function foreignMs(ms: number): number | null {
  return ms >= 0 && ms <= longestSeconds * 1000 ? ms : null;
}

/** Whether a value can be a reward: a number, not NaN, not without end. */
export function isReward(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= largestReward;
}
