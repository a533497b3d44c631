import { expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { scoreJob } from '../job/score-job.js';
import { pairedChanges, pairedEndings } from './paired-changes.js';

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

it('pairs the share of each ending by task', () => {
  const ended = (...tasks: readonly (readonly ('submitted' | 'token-budget' | null)[])[]) => {
    const job = syntheticJob(tasks.map((endings) => endings.map(() => 1)));
    const flat = tasks.flat();
    return scoreJob({
      ...job,
      trials: job.trials.map((trial, index) => ({ ...trial, ending: flat[index] ?? null })),
    });
  };
  const [submitted, budget, ...others] = pairedEndings(
    ended(['submitted', 'token-budget'], ['submitted', 'token-budget']),
    ended(['submitted', 'submitted'], ['submitted', 'submitted']),
  );
  expect(others).toEqual([]);
  expect(submitted).toEqual({
    ...{ what: 'submitted', meanBefore: 0.5, meanAfter: 1, nTasks: 2 },
    interval: null,
  });
  expect(budget).toMatchObject({ what: 'token-budget', meanBefore: 0.5, meanAfter: 0 });
});
