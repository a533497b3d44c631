/**
 * Whether a path is left out as by `tar --exclude`: a pattern fits a whole path or the end of one from any of its names on, and
 * `*` and `?` stand for slashes too.
 */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map(toRegExp);
  return (path) => {
    const parts = path.split('/');
    const ends = parts.map((_, index) => parts.slice(index).join('/'));
    return tests.some((test) => ends.some((end) => test.test(end)));
  };
}

function toRegExp(pattern: string): RegExp {
  const text = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  // Runs of stars are one: two side by side would make a match take time beyond all bounds.
  const source = text
    .replaceAll(/\*+/g, '*')
    .replaceAll(/\[([!^]?)([^\]]*)\]|[\\^$.*+?()[\]{}|/]/g, (found: string, not: string, set: string) => {
      if (found === '*') return '.*';
      if (found === '?') return '.';
      if (found.length < 2) return `\\${found}`;
      return `[${not === '' ? '' : '^'}${set.replaceAll(/[\\\]^]/g, '\\$&')}]`;
    });
  return new RegExp(`^${source}$`, 's');
}
