import { describe, expect, test } from 'vitest';
import { believedUsage } from './believed-usage.js';

describe('believedUsage', () => {
  const usage = { promptTokens: 90, completionTokens: 5, cachedTokens: 10, reasoningTokens: null };
  test.each([
    [{ tokens: 100, exact: false }, { promptTokens: 91 }, null],
    [{ tokens: 100, exact: false }, { promptTokens: 90 }, null],
    [{ tokens: 100, exact: false }, { promptTokens: 89 }, 90],
    [{ tokens: 100, exact: false }, null, 90],
    [{ tokens: 90, exact: true }, { promptTokens: 91 }, 90],
  ])(
    '%# takes no prompt that is no larger than the last one where nothing counted it',
    (counted, last, expected) => {
      expect(believedUsage(usage, counted, last).promptTokens).toBe(expected);
    },
  );
});
