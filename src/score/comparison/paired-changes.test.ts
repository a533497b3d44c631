import { expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { scoreJob } from '../job/score-job.js';
import { pairedChanges } from './paired-changes.js';

function score(turns: readonly (number | null)[]) {
  const job = syntheticJob(turns.map(() => [1]));
  const trials = job.trials.map((trial, index) => ({ ...trial, turns: turns[index] ?? null }));
  return scoreJob({ ...job, trials });
}

it('pairs turns by task where both sides record them, and leaves out what neither does', () => {
  const [change, ...others] = pairedChanges(score([10, 20, null]), score([12, 24, 5]));
  expect(others).toEqual([]);
  expect(change).toMatchObject({ what: 'turns', meanBefore: 15, meanAfter: 18, nTasks: 2 });
  expect(change?.interval?.low).toBeCloseTo(3 - 12.706, 2);
});
