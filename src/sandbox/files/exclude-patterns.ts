import { exactly, matchesPath, oneOfSet, type PathToken } from '../../base/files/path-pattern.js';

/**
 * Whether a path is left out as by `tar --exclude`: a pattern fits a whole path or the end of one from any of its names on, and
 * `*` and `?` stand for slashes too.
 */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map(tokensOf);
  return (path) => {
    const parts = path.split('/');
    const ends = parts.map((_, index) => parts.slice(index).join('/'));
    return tests.some((tokens) => ends.some((end) => matchesPath(tokens, end, 'itself')));
  };
}

function tokensOf(pattern: string): PathToken[] {
  const text = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  return (text.match(/\[[!^]?\]?[^\]]*\]|[^]/gu) ?? []).map((part): PathToken => {
    if (part === '*') return { kind: 'run', crossesSlash: true };
    if (part === '?') return { kind: 'one', accepts: () => true };
    return part.length > 1 && part.startsWith('[') ? oneOfSet(part.replace(/^\[!/, '[^')) : exactly(part);
  });
}
