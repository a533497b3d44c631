import { describe, expect, test } from 'vitest';
import { droppedTokens } from './dropped-tokens.js';

describe('droppedTokens', () => {
  const last = { promptTokens: 100, completionTokens: 50 };
  test.each([
    [last, 150, null],
    [last, 400, null],
    [last, 149, 1],
    [last, 100, 50],
    [last, null, null],
    [{ promptTokens: null, completionTokens: 50 }, 10, null],
    [{ promptTokens: 100, completionTokens: null }, 10, null],
  ])('%# is the shortfall of a prompt against what it repeats', (before, promptTokens, expected) => {
    expect(droppedTokens(before, promptTokens)).toBe(expected);
  });
});
