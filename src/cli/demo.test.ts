import { expect, it } from 'vitest';
import { whatRuns } from './demo.js';

it('says of the demo what its options make of it', () => {
  const end = 'replayed model, not an evaluation';
  expect(whatRuns(['--attempts', '3'])).toBe(`demo: the sample tasks, 3 attempts each; ${end}`);
  expect(whatRuns(['--attempts', '3', '--attempts', '1', '--tasks', 'fix-*'])).toBe(
    `demo: some sample tasks, 1 attempt each; ${end}`,
  );
});
