import { Script } from 'node:vm';

const script = new Script('Array.from(text.matchAll(pattern), (match) => match[1] ?? match[0])');

/**
 * What a harness's pattern captures in a model's text, or null when that takes longer than `timeoutMs` or more stack
 * than there is. Patterns are whatever the harness's author wrote: a text can be made on which one backtracks for
 * hours, and only a script of its own can be stopped in the middle of that.
 */
export function matchWithin(text: string, pattern: RegExp, timeoutMs: number): readonly string[] | null {
  try {
    const found: unknown = script.runInNewContext({ text, pattern }, { timeout: timeoutMs });
    return Array.from(found as readonly string[]);
  } catch (error) {
    if (tooMuch(error)) return null;
    throw error;
  }
}

function tooMuch(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const timedOut = 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  return timedOut || ('name' in error && error.name === 'RangeError');
}
