/** Decides whether a path of a build context (relative, POSIX) is left out. */
export type IgnoreRule = (path: string) => boolean;

interface Pattern {
  readonly isException: boolean;
  readonly expression: RegExp;
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
    for (const { isException, expression } of patterns) {
      if (expression.test(path)) isIgnored = !isException;
    }
    return isIgnored;
  };
}

function parsePattern(line: string): Pattern {
  const isException = line.startsWith('!');
  const glob = (isException ? line.slice(1).trim() : line)
    .replaceAll(/\/+/g, '/')
    .replace(/^(\.?\/)+/, '')
    .replace(/\/$/, '');
  return { isException, expression: new RegExp(`^${globToExpression(glob)}(?:/.*)?$`, 's') };
}

function globToExpression(glob: string): string {
  let expression = '';
  for (let at = 0; at < glob.length; at += 1) {
    const rest = glob.slice(at);
    const character = glob.charAt(at);
    if (rest.startsWith('**/')) {
      expression += '(?:.*/)?';
      at += 2;
    } else if (rest.startsWith('**')) {
      expression += '.*';
      at += 1;
    } else if (character === '*') expression += '[^/]*';
    else if (character === '?') expression += '[^/]';
    else if (character === '[' && /^\[[^\]]+\]/.test(rest)) {
      const set = rest.slice(0, rest.indexOf(']') + 1);
      expression += set.replaceAll('\\', '\\\\');
      at += set.length - 1;
    } else if (character === '\\' && at + 1 < glob.length) {
      at += 1;
      expression += escaped(glob.charAt(at));
    } else expression += escaped(character);
  }
  return expression;
}

function escaped(character: string): string {
  return character.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
