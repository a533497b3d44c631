import {
  anyOfName,
  exactly,
  matchesPath,
  oneOfSet,
  type PathToken,
  type PatternReach,
} from '../../base/files/path-pattern.js';

/** What rules say of a path (relative, POSIX; a folder's ends in `/`): left out, kept, or nothing at all. */
export type IgnoreRules = (path: string) => 'left-out' | 'kept' | null;

/** The rules of a .gitignore as it is documented: the last pattern that matches a path, or a folder above it, decides. */
export function parseGitignore(text: string): IgnoreRules {
  const patterns = parsePatterns(text);
  return (path) => answerOf(patterns.findLast(({ tokens, reach }) => matchesPath(tokens, path, reach)));
}

/**
 * The rules of one .harborignore, which Harbor reads as git does: a pattern that names the path itself comes before those
 * that only name a folder above it.
 */
export function parseHarborignore(text: string): IgnoreRules {
  // Git takes a lone slash for no pattern at all.
  const patterns = parsePatterns(text.replace(/^!?\/[ \t]*$/gm, ''));
  return (path) =>
    answerOf(
      patterns.findLast(({ tokens, reach }) => reach !== 'below' && matchesPath(tokens, path, 'itself')) ??
        patterns.findLast(({ tokens }) => matchesPath(tokens, path, 'below')),
    );
}

function answerOf(match: Pattern | undefined): ReturnType<IgnoreRules> {
  if (match === undefined) return null;
  return match.isException ? 'kept' : 'left-out';
}

function parsePatterns(text: string): readonly Pattern[] {
  return text.split(lineEnd).flatMap((line) => parseLine(line) ?? []);
}

/** Where Python's splitlines divides a text. */
const lineEnd = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;

interface Pattern {
  readonly isException: boolean;
  readonly tokens: readonly PathToken[];
  readonly reach: PatternReach;
}

/** Null for a blank line, a comment, and what is no pattern. */
function parseLine(line: string): Pattern | null {
  const text = line.endsWith('\\ ') ? line : line.trimEnd();
  if (text === '' || text.startsWith('#')) return null;
  const isException = text.startsWith('!');
  const glob = isException ? text.slice(1) : text;
  const segments = anchored(glob.split('/'));
  const last = segments.at(-1);
  if (last === undefined) return null;
  const isForBelow = last === '**' && (segments.length > 1 || (glob.endsWith('/') && glob !== '/'));
  const wanted = isForBelow && segments.length > 1 ? segments.slice(0, -1) : segments;
  const tokens = tokensOf(wanted, glob);
  return tokens === null ? null : { isException, tokens, reach: reachOf(isForBelow, wanted) };
}

/** `a/*` means what lies in `a` and not below that; `*` alone means everything. */
function reachOf(isForBelow: boolean, wanted: readonly string[]): PatternReach {
  if (isForBelow) return 'below';
  return wanted.at(-1) === '*' && wanted.join('/') !== '**/*' ? 'itself' : 'itself-or-below';
}

/** The parts of a pattern between slashes, as seen from the file's folder; `**` in a row is one. */
function anchored(parts: readonly string[]): readonly string[] {
  const [first = '', ...rest] = parts;
  const floats = first !== '' && rest.every((part) => part === '') && rest.length < 2;
  const rooted = first === '' ? rest : floats && first !== '**' ? ['**', ...parts] : parts;
  const named = rooted.map((part, index) => (part === '' && index === rooted.length - 1 ? '**' : part));
  return named.filter((part, index) => part !== '**' || named[index - 1] !== '**');
}

/** Null for a pattern that ends in the middle of an escape. */
function tokensOf(segments: readonly string[], glob: string): readonly PathToken[] | null {
  const whole = segments.join('/');
  if (whole === '**' || (whole === '**/*' && !glob.endsWith('/'))) return [manyOfPath];
  const all: PathToken[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === '**') {
      all.push({ kind: 'folders' });
      continue;
    }
    const tokens = segment === '*' ? [anyOfName, manyOfName] : segmentTokens(segment);
    if (tokens === null) return null;
    for (const token of tokens) all.push(token);
    if (index < segments.length - 1) all.push(exactly('/'));
  }
  return all;
}

const manyOfName: PathToken = { kind: 'run', crossesSlash: false };
const manyOfPath: PathToken = { kind: 'run', crossesSlash: true };

function segmentTokens(segment: string): PathToken[] | null {
  const tokens: PathToken[] = [];
  const lastClosing = segment.lastIndexOf(']');
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment.charAt(at);
    const set = character === '[' && at < lastClosing ? setAt(segment, at) : null;
    if (character === '*') tokens.push(manyOfName);
    else if (character === '?') tokens.push(anyOfName);
    else if (set !== null) {
      tokens.push(oneOfSet(set.replace(/^\[!/, '[^')));
      at += set.length - 1;
    } else if (character !== '\\') tokens.push(exactly(character));
    else {
      at += 1;
      if (at === segment.length) return null;
      tokens.push(exactly(segment.charAt(at)));
    }
  }
  return tokens;
}

/** The set that opens at a place, such as `[!a-z]` or `[]a]`, or null when it is not closed. */
function setAt(segment: string, open: number): string | null {
  const start = open + (/[!^]/.test(segment.charAt(open + 1)) ? 2 : 1);
  const startsClosed = segment.charAt(start) === ']';
  const later = segment.indexOf(']', startsClosed ? start + 1 : start);
  const end = later < 0 && startsClosed ? start : later;
  return end < 0 ? null : segment.slice(open, end + 1);
}
