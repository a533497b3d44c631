import { describeError, TbenchError } from '../../base/errors.js';

/** One thing looked at. `mend` says what to do about a warning or failure. */
export interface Check {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly mend: string | null;
}

export function okCheck(name: string, detail: string): Check {
  return { name, state: 'ok', detail, mend: null };
}

/** A check that failed with an error: its message, and its own hint where it has one. */
export function failedCheck(name: string, error: unknown, mend: string): Check {
  const hint = error instanceof TbenchError ? error.hint : undefined;
  const detail = error instanceof Error ? error.message : describeError(error);
  return { name, state: 'fail', detail, mend: hint ?? mend };
}
