import { anyOfName, exactly, matchesPath, oneOfSet, type PathToken } from '../../base/files/path-pattern.js';

/** Decides whether a path of a build context (relative, POSIX) is left out. */
export type IgnoreRule = (path: string) => boolean;

interface Pattern {
  readonly isException: boolean;
  readonly tokens: readonly PathToken[];
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
      if (isIgnored === isException && matchesPath(tokens, path, 'itself-or-below')) isIgnored = !isException;
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

function* tokensOf(glob: string): Generator<PathToken> {
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
    else if (character === '?') yield anyOfName;
    else if (end > 0) {
      yield oneOfSet(glob.slice(at, end + 1));
      at = end;
    } else {
      if (character === '\\' && at + 1 < glob.length) at += 1;
      yield exactly(glob.charAt(at));
    }
  }
}
