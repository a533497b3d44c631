import { expect, test } from 'vitest';
import { readSteps } from '../../results/formats/harbor/read-steps.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { scoreSteps } from './score-steps.js';

const step = (name: string, reward: number | null, verdict?: string): unknown => ({
  step_name: name,
  verifier_result: reward === null ? null : { rewards: { reward } },
  ...(verdict === undefined ? {} : { integrity: { verdict } }),
});
const trial = (task: string, ...steps: unknown[]): TrialSummary =>
  ({ task, steps: readSteps(steps) }) as unknown as TrialSummary;

test('each step of a task has the mean, passes and verdicts of the trials that began it', () => {
  const trials = [
    trial('tool', step('write', 1, 'clean'), step('extend', 0.5, 'noted')),
    trial('tool', step('write', 0, 'clean')),
    trial('plain'),
    trial('other', step('one', null), { step_name: 3 }, null),
  ];
  expect(scoreSteps(trials)).toEqual([
    { task: 'other', step: 'one', begun: 1, mean: null, passes: 0, verdicts: {} },
    { task: 'tool', step: 'write', begun: 2, mean: 0.5, passes: 1, verdicts: { clean: 2 } },
    { task: 'tool', step: 'extend', begun: 1, mean: 0.5, passes: 0, verdicts: { noted: 1 } },
  ]);
});

test('a record whose steps cannot be read has none', () => {
  expect([readSteps(undefined), readSteps(null), readSteps('x'), readSteps([{}])]).toEqual([[], [], [], []]);
});
