import { describe, expect, it } from 'vitest';
import { excluder } from './exclude-patterns.js';

describe('excluder', () => {
  it.each([
    ['*.tmp', 'x.tmp', true],
    ['*.tmp', 'sub/x.tmp', true],
    ['*.tmp', 'x.tmpl', false],
    ['skip', 'a/skip', true],
    ['skip', 'skipped', false],
    ['sub/deep.txt', 'sub/deep.txt', true],
    ['sub/deep.txt', 'a/sub/deep.txt', true],
    ['sub/deep.txt', 'deep.txt', false],
    ['./top', 'top', true],
    ['node_modules/', 'a/node_modules', true],
    ['a*z', 'a/b/z', true],
    ['[!a]x', 'bx', true],
    ['[!a]x', 'ax', false],
    ['v?.(1)', 'v2.(1)', true],
    ['[z-a]', 'z', false],
    ['[', '[', true],
    [`${'*a'.repeat(30)}b`, 'a'.repeat(1_000), false],
  ])('%s leaves out %s: %s', (pattern, path, isOut) => {
    expect(excluder([pattern])(path)).toBe(isOut);
  });
});
