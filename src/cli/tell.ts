import { safeText } from '../base/safe-text.js';

/** A line for a person, on stderr. Text of tasks, models and servers must not steer the terminal. */
export function tell(line: string): void {
  process.stderr.write(`${safeText(line, { lines: 'many' })}\n`);
}

/** What a command was asked for, on stdout: the only way there, so that no text of a stranger passes by. */
export function print(text: string): void {
  // A line of CSV ends with both (RFC 4180); a carriage return by itself would overwrite its line.
  process.stdout.write(
    text
      .split('\r\n')
      .map((part) => safeText(part, { lines: 'many' }))
      .join('\r\n'),
  );
}

/** Empties the terminal's screen, for what is printed again and again. */
export function wipeScreen(): void {
  process.stdout.write('\u001b[H\u001b[2J');
}
