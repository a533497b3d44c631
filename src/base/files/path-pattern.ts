/** One part of a path pattern. `folders` is a leading or inner `**` and its slash: nothing, or whole folders. */
export type PathToken =
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'run'; readonly crossesSlash: boolean }
  | { readonly kind: 'folders' };

/** Whether a pattern stands for what it matches, for all below that, or for both. */
export type PatternReach = 'itself' | 'below' | 'itself-or-below';

/** A token for one character that is exactly this one. */
export function exactly(wanted: string): PathToken {
  return { kind: 'one', accepts: (found) => found === wanted };
}

/** Any character of a name. */
export const anyOfName: PathToken = { kind: 'one', accepts: (found) => found !== '/' };

/** A set such as `[a-z]`, `[^a]` or `[]a]`; one that makes no sense, such as `[z-a]`, matches nothing. */
export function oneOfSet(set: string): PathToken {
  const body = set
    .slice(1, -1)
    .replaceAll('\\', '\\\\')
    .replace(/^(\^?)\]/, '$1\\]');
  try {
    const expression = new RegExp(`^[${body}]$`, 's');
    return { kind: 'one', accepts: (character) => expression.test(character) };
  } catch {
    return { kind: 'one', accepts: () => false };
  }
}

/**
 * Whether the tokens match the path (relative, POSIX), a folder above it, or either. All ways of matching advance
 * together, one character at a time, so that no pattern takes longer than its length times the path's: a stranger wrote it.
 */
export function matchesPath(tokens: readonly PathToken[], path: string, reach: PatternReach): boolean {
  let places = closure(tokens, new Set([0]));
  for (const character of path) {
    if (character === '/' && reach !== 'itself' && places.has(tokens.length)) return true;
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
  return reach !== 'below' && places.has(tokens.length);
}

/** The places and those that follow without a character: runs and folders may be empty. */
function closure(tokens: readonly PathToken[], places: Set<number>): Set<number> {
  // The loop also visits the places that it adds, so that several empty tokens in a row are passed.
  for (const place of places) {
    if (place >= 0 && place < tokens.length && tokens[place]?.kind !== 'one') places.add(place + 1);
  }
  return places;
}
