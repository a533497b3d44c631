import { expect, it } from 'vitest';
import { parseJournal } from './read-journal.js';

it('ends after a thousand unreadable lines, and says so', () => {
  const { entries, skipped } = parseJournal('torn\n'.repeat(2_000));
  expect(entries).toEqual([]);
  expect(skipped.at(-1)).toBe('line 1001 and all after it: too many lines before are unreadable');
});
