import { expect, test } from 'vitest';
import { matchWithin } from './match-within.js';

const fenced = /```mswea_bash_command\s*\n(.*?)\n```/gs;

test('finds what the pattern captures, or all of a match without a group', () => {
  expect(matchWithin('a\n```mswea_bash_command\nls\n```\n', fenced, 1000)).toEqual(['ls']);
  expect(matchWithin('x1 x2', /x\d/g, 1000)).toEqual(['x1', 'x2']);
  expect(matchWithin('', fenced, 1000)).toEqual([]);
});

test.each([
  ['line breaks behind a fence', `\`\`\`mswea_bash_command${'\n'.repeat(10_000_000)}`, fenced],
  ['many fences', '```mswea_bash_command\nx'.repeat(400_000), fenced],
  ['an author who nests repeats', `${'a'.repeat(100_000)}!`, /(a+)+$/g],
])('is over in its time, whatever the text: %s', (_, text, pattern) => {
  const startedAt = performance.now();
  expect(matchWithin(text, pattern, 200)).toBeNull();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
