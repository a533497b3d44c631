/** A Dockerfile that cannot be judged within a time that grows with its length. */
export class UnjudgedDockerfile extends Error {}

/** No Dockerfile in use comes near this; engines themselves refuse lines above 64 KiB. */
export const maxDockerfileBytes = 1 << 17;

/** Work that is left; what is made to take long ends by it. */
interface Budget {
  left: number;
}

/** The lines of a Dockerfile, and the work that it may cost to judge them. Throws UnjudgedDockerfile for one that is too large. */
function linesOf(text: string): { readonly lines: readonly string[]; readonly budget: Budget } {
  if (text.length > maxDockerfileBytes)
    throw new UnjudgedDockerfile(`it is larger than ${maxDockerfileBytes} bytes`);
  return { lines: text.split('\n'), budget: { left: 32 * text.length + 65_536 } };
}

/** Takes work off a budget. Throws UnjudgedDockerfile when there is none left. */
function spend(budget: Budget, characters: number): void {
  budget.left -= characters;
  if (budget.left < 0) throw new UnjudgedDockerfile('its lines are joined in too many ways');
}

/** A line that goes on in the next one, for both characters that an `# escape=` directive can name. */
const continuations = [/\\[ \t\r]*$/, /`[ \t\r]*$/];
/** Engines differ in whether an indented `#` between two halves of an instruction is a comment. */
const comments = [/^#/, /^\s*#/];

/** Everything that some engine takes for white space: what is no printable ASCII character. */
const gap = '[^\\x21-\\x7e]';
const gaps = new RegExp(`${gap}+`);

interface Kind {
  readonly word: string;
  readonly whole: RegExp;
  readonly isDecided: ((rest: string) => boolean) | null;
}

/**
 * What follows the word of every instruction of a kind that any engine could see in a Dockerfile. More may be found than there are, never
 * fewer: every line counts as the first of an instruction, so that what looks like a here-document, a comment or a
 * directive hides nothing. It is joined with the lines that it goes on in, until `isDecided` wants no more of it. `text` is bytes as
 * latin1, since engines split at bytes. Throws UnjudgedDockerfile for a text that is made to take long.
 */
export function instructionsOf(
  text: string,
  word: 'add' | 'arg' | 'from' | 'run',
  isDecided: ((rest: string) => boolean) | null,
): ReadonlySet<string> {
  const { lines, budget } = linesOf(text);
  const found = new Set<string>();
  const beginning = new RegExp(`^${gap}*(?:o|${word.charAt(0)}|$)`, 'i');
  const whole = new RegExp(`^${gap}*(?:onbuild${gap}+)*${word}(?=${gap}|$)`, 'i');
  for (const continuation of continuations) {
    for (const comment of comments) {
      for (let at = 0; at < lines.length; at += 1) {
        if (!beginning.test((lines[at] ?? '').slice(0, 256))) continue;
        const reading = { continuation, comment, budget };
        const rest = joinFrom(lines, at, { word, whole, isDecided }, reading);
        if (rest !== null) found.add(rest);
      }
    }
  }
  return found;
}

/** The instruction that begins with a line, without its word; null when it is of another kind. */
function joinFrom(
  lines: readonly string[],
  first: number,
  { word, whole, isDecided }: Kind,
  reading: { readonly continuation: RegExp; readonly comment: RegExp; readonly budget: Budget },
): string | null {
  let joined = '';
  let start: number | null = null;
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    spend(reading.budget, line.length + 1);
    if (at > first && (reading.comment.test(line) || line.trim() === '')) continue;
    const continues = reading.continuation.exec(line);
    joined += continues === null ? line : line.slice(0, continues.index);
    if (start === null || isDecided !== null) spend(reading.budget, joined.length);
    const end: number | undefined = start === null ? whole.exec(joined)?.[0].length : start;
    if (end === undefined && !couldBecome(joined, word)) return null;
    // A word may go on in the next line: RUN may still become RUNNER.
    start = end === undefined || end === joined.length ? null : end;
    if (continues === null) return end === undefined ? null : joined.slice(end);
    if (start !== null && isDecided?.(joined.slice(start)) === true) return joined.slice(start);
  }
  return start === null ? null : joined.slice(start);
}

/** Whether more text could make `text` that instruction: it holds the beginning of the word, after any number of ONBUILD. */
function couldBecome(text: string, word: string): boolean {
  const words = text.toLowerCase().split(gaps);
  return words.every((one, index) =>
    index < words.length - 1
      ? one === '' || one === 'onbuild'
      : word.startsWith(one) || 'onbuild'.startsWith(one),
  );
}
