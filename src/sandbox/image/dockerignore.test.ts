import { describe, expect, it } from 'vitest';
import { parseDockerignore } from './dockerignore.js';

describe('parseDockerignore', () => {
  it('takes no longer for a pattern with many ways of matching', { timeout: 2000 }, () => {
    const path = `${'a'.repeat(2000)}/${'a/'.repeat(500)}b`;
    expect(parseDockerignore(`${'**a'.repeat(9)}c`)(path)).toBe(false);
    expect(parseDockerignore(`${'**/'.repeat(200)}c`)(path)).toBe(false);
    expect(parseDockerignore(`${'*a'.repeat(200)}c`)(path)).toBe(false);
    expect(parseDockerignore(`${'**a'.repeat(9)}**b`)(path)).toBe(true);
  });

  it.each([
    ['*.log', 'a.log', true],
    ['*.log', 'sub/a.log', false],
    ['**/*.log', 'sub/deep/a.log', true],
    ['**/*.log', 'a.log', true],
    ['sub', 'sub/deep/a', true],
    ['sub/', 'sub/x', true],
    ['/sub', 'sub', true],
    ['./sub', 'sub', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a[bc]d', 'acd', true],
    ['**/node_modules', 'x/node_modules/y', true],
    ['a.b', 'axb', false],
    ['# comment', '# comment', false],
    ['docs\n!docs/keep.md', 'docs/keep.md', false],
    ['docs\n!docs/keep.md', 'docs/other.md', true],
    ['!docs/keep.md\ndocs', 'docs/keep.md', true],
    ['**', 'anything/at/all', true],
  ])('%j on %s: ignored is %s', (text, path, isIgnored) => {
    expect(parseDockerignore(text)(path)).toBe(isIgnored);
  });
});
