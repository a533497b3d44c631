import { expect, test } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { readOwnRecord } from '../../results/formats/harbor/own-record.js';
import { harborTrialSchema } from '../../results/formats/harbor/harbor-schema.js';
import { measureCost } from './cost.js';

const [trial] = syntheticJob([[1]]).trials;
if (trial === undefined) throw new Error('a job of one trial has a trial');

function oddTurns(totals: Record<string, number | null>) {
  const stored = harborTrialSchema.parse({ task_name: 't', trial_name: 't__1', tbench: { totals } });
  return readOwnRecord(stored)?.oddTurns;
}

test('odd turns are summed over the trials that count them', () => {
  const first = { formatErrors: 1, truncated: 2, recoveredCalls: 3, droppedThoughts: 4, requestRetries: 5 };
  const trials = [first, null, { ...first, truncated: 10 }].map((odd) => ({ ...trial, oddTurns: odd }));
  expect(measureCost(trials).oddTurns).toEqual({
    formatErrors: 2,
    truncated: 12,
    recoveredCalls: 6,
    droppedThoughts: 8,
    requestRetries: 10,
  });
  expect(measureCost([trial]).oddTurns).toBeNull();
});

test('odd turns are read from the totals of a trial that had turns', () => {
  expect(
    oddTurns({ turns: 9, formatErrors: 1, truncatedTurns: 2, recoveredCalls: 3, droppedThoughtTurns: 4 }),
  ).toEqual({
    formatErrors: 1,
    truncated: 2,
    recoveredCalls: 3,
    droppedThoughts: 4,
    requestRetries: 0,
  });
  expect(oddTurns({ turns: 0 })).toBeNull();
  expect(oddTurns({})).toBeNull();
});
