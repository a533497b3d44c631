/** A Dockerfile that cannot be judged within a time that grows with its length. */
export class UnjudgedDockerfile extends Error {}

/** A line that goes on in the next one, for both characters that an `# escape=` directive can name. */
const continuations = [/\\[ \t\r]*$/, /`[ \t\r]*$/];
/** Engines differ in whether an indented `#` between two halves of an instruction is a comment. */
const comments = [/^#/, /^\s*#/];

/** Everything that some engine takes for white space: what is no printable ASCII character. */
const gap = '[^\\x21-\\x7e]';
const instruction = new RegExp(`^${gap}*(?:onbuild${gap}+)*run(?=${gap}|$)`, 'i');
const beginning = new RegExp(`^${gap}*(?:o|r|$)`, 'i');

/**
 * The flags (`--mount=...`) of every RUN that any engine could see in a Dockerfile. More may be found than there are, never
 * fewer: every line counts as the first of an instruction, so that what looks like a here-document, a comment or a
 * directive hides nothing. `text` is bytes as latin1, since engines split at bytes. Throws UnjudgedDockerfile for a
 * text that is made to take long.
 */
export function runFlags(text: string): ReadonlySet<string> {
  const lines = text.split('\n');
  const flags = new Set<string>();
  const budget = { left: 32 * text.length + 65_536 };
  for (const continuation of continuations) {
    for (const comment of comments) {
      for (let at = 0; at < lines.length; at += 1) {
        if (!beginning.test((lines[at] ?? '').slice(0, 256))) continue;
        for (const flag of flagsFrom(lines, at, { continuation, comment, budget })) flags.add(flag);
      }
    }
  }
  return flags;
}

interface Reading {
  readonly continuation: RegExp;
  readonly comment: RegExp;
  readonly budget: { left: number };
}

/** The flags of the instruction that begins with a line, joined with the next ones only until they are all seen. */
function flagsFrom(lines: readonly string[], first: number, reading: Reading): readonly string[] {
  let joined = '';
  for (let at = first; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    spend(reading.budget, line.length + 1);
    if (at > first && (reading.comment.test(line) || line.trim() === '')) continue;
    const continues = reading.continuation.exec(line);
    joined += continues === null ? line : line.slice(0, continues.index);
    spend(reading.budget, joined.length);
    const seen = leadingFlags(joined);
    if (seen.isDecided || continues === null) return seen.flags;
  }
  return leadingFlags(joined).flags;
}

/** Takes work off a budget. Throws UnjudgedDockerfile when there is none left. */
export function spend(budget: { left: number }, characters: number): void {
  budget.left -= characters;
  if (budget.left < 0) throw new UnjudgedDockerfile('its lines are joined in too many ways');
}

/** What is known of an instruction's flags when only its beginning has been read. */
function leadingFlags(text: string): { readonly flags: readonly string[]; readonly isDecided: boolean } {
  const found = instruction.exec(text);
  if (found === null) return { flags: [], isDecided: !couldBecomeRun(text) };
  const words = text.slice(found[0].length).split(/[\x00-\x20\x7f]+/);
  const flags: string[] = [];
  for (const word of words) {
    if (word === '') continue;
    if (!/^(?:-|[\x80-\xff])/.test(word)) return { flags, isDecided: true };
    flags.push(word);
  }
  return { flags, isDecided: false };
}

/** Whether more text could make `text` a RUN: it holds the beginning of the word, after any number of ONBUILD. */
function couldBecomeRun(text: string): boolean {
  const words = text.toLowerCase().split(new RegExp(`${gap}+`));
  return words.every((word, index) =>
    index < words.length - 1
      ? word === '' || word === 'onbuild'
      : 'run'.startsWith(word) || 'onbuild'.startsWith(word),
  );
}
