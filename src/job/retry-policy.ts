import { isBrokenByInfrastructure, outcomeOf } from '../record/outcome.js';
import type { TryOutcome } from '../record/try-outcome.js';

/** What follows a try of a trial. */
export type NextStep =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  /** The model server stayed away for the whole outage limit: every trial to come would fail like this one. */
  | { readonly kind: 'end-job' };

/** What broke a trial gets a moment to recover: 2 s, then four times as long each time. */
const firstPauseMs = 2_000;

/** `tries` have been made since this start, `retries` more than one are allowed. Only infrastructure is tried again. */
export function nextStep({ result, anotherTry }: TryOutcome, tries: number, retries: number): NextStep {
  if (anotherTry === 'server-gone') return { kind: 'end-job' };
  const isWorthIt = anotherTry !== 'is-pointless' && isBrokenByInfrastructure(outcomeOf(result));
  if (!isWorthIt || tries > retries) return { kind: 'done' };
  return { kind: 'again', afterMs: firstPauseMs * 4 ** (tries - 1) };
}
