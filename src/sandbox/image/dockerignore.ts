/** Decides whether a path of a build context (relative, POSIX) is left out. */
export type IgnoreRule = (path: string) => boolean;

/** One part of a pattern. `folders` is a leading or inner `**` and its slash: nothing, or whole folders. */
type Token =
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'run'; readonly crossesSlash: boolean }
  | { readonly kind: 'folders' };

interface Pattern {
  readonly isException: boolean;
  readonly tokens: readonly Token[];
}

/**
 * The rules of a .dockerignore: one pattern a line, `#` comments, `!` exceptions, the last match wins; `*` and `?`
 * stop at slashes, `**` does not; a pattern that matches a folder leaves out all below it.
 */
export function parseDockerignore(text: string): IgnoreRule {
  const patterns = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parsePattern);
  return (path) => {
    let isIgnored = false;
    for (const { isException, tokens } of patterns) {
      if (isIgnored === isException && matches(tokens, path)) isIgnored = !isException;
    }
    return isIgnored;
  };
}

function parsePattern(line: string): Pattern {
  const isException = line.startsWith('!');
  const glob = (isException ? line.slice(1).trim() : line)
    .replaceAll(/\/+/g, '/')
    .replace(/^\.?\/(?:\.\/)*/, '')
    .replace(/\/$/, '');
  return { isException, tokens: [...tokensOf(glob)] };
}

function* tokensOf(glob: string): Generator<Token> {
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob.charAt(at);
    const end = character === '[' ? glob.indexOf(']', at + 2) : -1;
    if (glob.startsWith('**/', at)) {
      yield { kind: 'folders' };
      at += 2;
    } else if (glob.startsWith('**', at)) {
      yield { kind: 'run', crossesSlash: true };
      at += 1;
    } else if (character === '*') yield { kind: 'run', crossesSlash: false };
    else if (character === '?') yield { kind: 'one', accepts: (found) => found !== '/' };
    else if (end > 0) {
      yield { kind: 'one', accepts: setOf(glob.slice(at, end + 1)) };
      at = end;
    } else {
      if (character === '\\' && at + 1 < glob.length) at += 1;
      const wanted = glob.charAt(at);
      yield { kind: 'one', accepts: (found) => found === wanted };
    }
  }
}

/** A set such as `[a-z]`; one that makes no sense, such as `[z-a]`, matches nothing. */
function setOf(text: string): (character: string) => boolean {
  try {
    const expression = new RegExp(`^${text.replaceAll('\\', '\\\\')}$`);
    return (character) => expression.test(character);
  } catch {
    return () => false;
  }
}

/**
 * Whether the tokens match the path or one of the folders above it. All ways of matching advance together, one
 * character at a time, so that no pattern takes longer than its length times the path's: a stranger wrote it.
 */
function matches(tokens: readonly Token[], path: string): boolean {
  let places = closure(tokens, new Set([0]));
  for (const character of path) {
    if (character === '/' && places.has(tokens.length)) return true;
    const next = new Set<number>();
    for (const place of places) {
      // A place below 0 is inside the `folders` token `-1 - place`, in the middle of a folder's name.
      const index = place < 0 ? -1 - place : place;
      const token = tokens[index];
      if (token === undefined) continue;
      if (token.kind === 'folders') {
        next.add(-1 - index);
        if (character === '/') next.add(index + 1);
      } else if (token.kind === 'one') {
        if (token.accepts(character)) next.add(index + 1);
      } else if (token.crossesSlash || character !== '/') next.add(index);
    }
    if (next.size === 0) return false;
    places = closure(tokens, next);
  }
  return places.has(tokens.length);
}

/** The places and those that follow without a character: runs and folders may be empty. */
function closure(tokens: readonly Token[], places: Set<number>): Set<number> {
  // A set that grows while it is walked is walked to its end.
  for (const place of places) {
    if (place >= 0 && place < tokens.length && tokens[place]?.kind !== 'one') places.add(place + 1);
  }
  return places;
}
