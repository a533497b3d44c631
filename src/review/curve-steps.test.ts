import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDir, writeSampleJob } from '../../test/doubles/sample-job.js';
import { stepNumber } from '../record/step-number.js';
import { readTrainingRun } from './curve-steps.js';

let results: string;
const few = { keep: (trial: { trial_name: string }) => trial.trial_name.startsWith('b') };

beforeAll(() => {
  results = temporaryDir('curve-steps');
  for (const name of ['step_20', 'step_40', 'other']) writeSampleJob(join(results, name), few);
  mkdirSync(join(results, 'sweep'));
  writeSampleJob(join(results, 'sweep', 'a'), few);
  writeFileSync(
    join(results, 'sweep', 'sweep.json'),
    JSON.stringify({
      kind: 'tbench-sweep',
      schema_version: 1,
      tbench_version: '0',
      model: 'm',
      revisions: [
        { revision: 'step_7', job: 'a' },
        { revision: 'step_8', job: 'not-made-yet' },
      ],
    }),
  );
});
afterAll(() => {
  rmSync(results, { recursive: true, force: true });
});

it('finds the step in a name, a revision, or what one says', async () => {
  const run = await readTrainingRun(['step_20', '40=other'], results);
  expect(run.steps.map(({ at, label }) => [at, label])).toEqual([
    [20, '20'],
    [40, '40'],
  ]);
  expect(['step_20', 'm@step-000030', 'checkpoint4', '7', 'footstep5', 'v2'].map(stepNumber)).toEqual([
    20,
    30,
    4,
    7,
    null,
    null,
  ]);
});

it('takes the jobs of a sweep that are there', async () => {
  const run = await readTrainingRun(['sweep'], results);
  expect(run.name).toBe('sweep');
  expect(run.steps.map(({ at, label }) => [at, label])).toEqual([[7, 'step_7']]);
});

it('refuses two jobs at one step', async () => {
  await expect(readTrainingRun(['20=step_20', '20=other'], results)).rejects.toThrow(
    'two jobs stand at step 20',
  );
});
