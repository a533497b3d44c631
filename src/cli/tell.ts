import { safeText } from '../base/safe-text.js';

/** A line for a person, on stderr. Text of tasks, models and servers must not steer the terminal. */
export function tell(line: string): void {
  process.stderr.write(`${safeText(line, { lines: 'many' })}\n`);
}
