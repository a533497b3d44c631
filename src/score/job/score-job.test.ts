import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDir, writeSampleJob } from '../../../test/doubles/sample-job.js';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import type { JobSummary } from '../../record/job-summary.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import { poolJobs, poolObstacles } from './pool.js';
import { scoreJob } from './score-job.js';

const dir = temporaryDir('score-job');
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the recorded job of 89 tasks and 5 attempts', () => {
  let job: JobSummary;
  beforeAll(async () => {
    const [first] = await readJobFolder(writeSampleJob(dir));
    if (first === undefined) throw new Error('no job');
    job = first;
  });

  it('scores 94/445 and the published pass@5', () => {
    const score = scoreJob(job);
    expect(score.mean).toBeCloseTo(94 / 445, 12);
    expect(score.nTasks).toBe(89);
    expect(score.passAtK.map(({ passAtK }) => Number(passAtK.toFixed(4)))).toEqual([
      0.2112, 0.2764, 0.3056, 0.3236, 0.3371,
    ]);
    expect(score.passAtK.map(({ passHatK }) => Number(passHatK.toFixed(4)))).toEqual([
      0.2112, 0.1461, 0.1101, 0.0854, 0.0674,
    ]);
  });

  it.each([
    ['started-at', [20, 19, 17, 22, 16], 0.024],
    ['name', [22, 16, 18, 21, 17], 0.026],
    ['apfs', [18, 16, 19, 18, 23], 0.026],
  ] as const)(
    'pairs attempts into runs by %s and prints the std that goes with it',
    (runOrder, totals, std) => {
      const score = scoreJob(job, { runOrder });
      expect(score.runs.map((run) => run.total)).toEqual(totals);
      expect(score.std).toBeCloseTo(std, 4);
    },
  );

  it('says both means where a trial has no verdict', () => {
    const { coverage } = scoreJob(job);
    expect(coverage).toMatchObject({ planned: 445, measured: 444, notMeasured: 1, missing: 0 });
    expect(coverage.meanOfMeasured).toBeCloseTo(94 / 444, 12);
  });

  it('counts missing trials apart from unmeasured ones', () => {
    const { coverage, notes, mean } = scoreJob({ ...job, trials: job.trials.slice(0, 440) });
    expect(coverage).toMatchObject({ planned: 445, missing: 5, attemptsMin: 5 });
    expect(coverage.meanOfPlanned).toBeLessThan(mean);
    expect(notes.join()).toContain('5 planned trials without a result left out');
  });
});

describe('properties', () => {
  const rewards = fc.array(fc.array(fc.constantFrom(0, 0.25, 1, 1), { minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 12,
  });

  it('never depends on the order in which trials were read', () => {
    fc.assert(
      fc.property(rewards, fc.integer(), (tasks, seed) => {
        const job = syntheticJob(tasks);
        const trials = [...job.trials].sort(
          (a, b) => ((a.name.length * seed) % 7) - ((b.name.length * seed) % 7) || (a.name < b.name ? 1 : -1),
        );
        expect(scoreJob({ ...job, trials })).toEqual(scoreJob(job));
      }),
      { numRuns: 25 },
    );
  });

  it('keeps mean, passes and pass@k whatever the pairing of attempts into runs', () => {
    fc.assert(
      fc.property(rewards, (tasks) => {
        const job = syntheticJob(tasks);
        const pick = (order: 'attempt' | 'name' | 'apfs'): unknown => {
          const { mean, passes, passAtK, uncertainty } = scoreJob(job, { runOrder: order });
          return [mean.toFixed(12), passes, passAtK.length, uncertainty.expectedStd?.toFixed(12)];
        };
        expect(pick('name')).toEqual(pick('attempt'));
        expect(pick('apfs')).toEqual(pick('attempt'));
      }),
      { numRuns: 25 },
    );
  });

  it('gives a mean in [0, 1] within its own intervals, and pass@k that only grows with k', () => {
    fc.assert(
      fc.property(rewards, (tasks) => {
        const score = scoreJob(syntheticJob(tasks));
        const { bootstrap, wilson, exact } = score.uncertainty;
        for (const { low, high } of [bootstrap, wilson, exact]) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(high);
        }
        expect(wilson.low).toBeLessThanOrEqual(score.passRate + 1e-12);
        expect(wilson.high).toBeGreaterThanOrEqual(score.passRate - 1e-12);
        expect(exact.low).toBeLessThanOrEqual(score.passRate + 1e-12);
        expect(exact.high).toBeGreaterThanOrEqual(score.passRate - 1e-12);
        expect(bootstrap.low).toBeLessThanOrEqual(score.mean + 1e-9);
        expect(bootstrap.high).toBeGreaterThanOrEqual(score.mean - 1e-9);
        for (let index = 1; index < score.passAtK.length; index += 1) {
          expect(score.passAtK[index]?.passAtK).toBeGreaterThanOrEqual(
            (score.passAtK[index - 1]?.passAtK ?? 0) - 1e-12,
          );
          expect(score.passAtK[index]?.passHatK).toBeLessThanOrEqual(
            (score.passAtK[index - 1]?.passHatK ?? 1) + 1e-12,
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});

it('weighs tasks alike when attempts are unequal, and says so', () => {
  const score = scoreJob(syntheticJob([[1], [0, 0, 0]]));
  expect(score.mean).toBe(0.5);
  expect(score.passAtK).toHaveLength(1);
  expect(score.notes.join()).toContain('tasks have 1 to 3 attempts');
});

it('does not take partial credit for a pass', () => {
  const score = scoreJob(syntheticJob([[0.99, 1]]));
  expect(score.passes).toBe(1);
  expect(score.mean).toBeCloseTo(0.995);
});

it('labels replays, scripts and changed timeouts', () => {
  const job = syntheticJob([[1]]);
  expect(scoreJob({ ...job, modelKind: 'replay' }).labels).toEqual(['replayed model, not an evaluation']);
  expect(scoreJob({ ...job, modelKind: 'scripted' }).labels).toEqual(['scripted model, not an evaluation']);
  expect(scoreJob({ ...job, timeoutMultiplier: 2 }).labels).toEqual(['modified timeouts: x2']);
  expect(scoreJob(job).labels).toEqual([]);
});

it('counts a task with several tags in the group of each', () => {
  const job = syntheticJob([[1], [0]]);
  const tags: readonly (readonly string[])[] = [['a', 'b'], ['b']];
  const trials = job.trials.map((trial, index) => ({ ...trial, metadata: { tags: tags[index] } }));
  expect(scoreJob({ ...job, trials }, { groupBy: ['tags'] }).groups['tags']).toMatchObject([
    { value: 'a', mean: 1, nTasks: 1 },
    { value: 'b', mean: 0.5, nTasks: 2 },
  ]);
});

it('groups by any metadata key, tasks without it under none', () => {
  const job = syntheticJob([[1], [0]]);
  const trials = job.trials.map((trial) =>
    trial.task === 'task-0' ? { ...trial, metadata: { area: 'net' } } : trial,
  );
  const { groups } = scoreJob({ ...job, trials }, { groupBy: ['area'] });
  expect(groups['area']?.map((group) => [group.value, group.mean])).toEqual([
    ['net', 1],
    ['none', 0],
  ]);
});

describe('pooling jobs of the same thing', () => {
  const first = syntheticJob([[1, 0]], 'first');

  it('counts the attempts of the second after those of the first', () => {
    const pool = poolJobs([first, syntheticJob([[0, 0, 1]], 'second')]);
    if (pool === null) throw new Error('no pool');
    expect(scoreJob(pool).runs.map((run) => run.mean)).toEqual([1, 0, 0, 0, 1]);
  });

  it('names what makes jobs unlike', () => {
    const other = { ...syntheticJob([[1]], 'other'), model: 'b', timeoutMultiplier: 2 };
    expect(poolObstacles([first, other])).toEqual(['timeouts x1 and x2', 'models a-model and b']);
    expect(poolObstacles([first, syntheticJob([[1]], 'again')])).toEqual([]);
  });

  it('counts a trial once that lies in two of the jobs, and names the copy', () => {
    const withIds = (job: JobSummary): JobSummary => ({
      ...job,
      trialsPlanned: job.trials.length,
      trials: job.trials.map((trial) => ({ ...trial, id: `id-${trial.name}` })),
    });
    const [job, copy] = [withIds(syntheticJob([[1, 0]], 'a')), withIds(syntheticJob([[1, 0]], 'b'))];
    const pool = poolJobs([job, copy]);
    expect(pool).toMatchObject({ trialsPlanned: 2, attemptsPlanned: null });
    expect(pool?.trials).toHaveLength(2);
    expect(pool?.problems.map(({ message }) => message)).toEqual([
      'is the same trial as task-0__1: counted once',
      'is the same trial as task-0__2: counted once',
    ]);
  });

  it('refuses jobs whose records name no model, or other agents', () => {
    const unnamed = { ...syntheticJob([[1]], 'a'), model: null, modelKind: null };
    expect(poolObstacles([unnamed, { ...unnamed, name: 'b' }])).toEqual([
      'no record names the model of a and b',
    ]);
    expect(poolObstacles([syntheticJob([[1]], 'c'), { ...unnamed, modelKind: 'live' }])).toEqual([
      'no record names the model of a',
    ]);
    const oracle = { ...unnamed, modelKind: 'none' as const, agent: 'oracle' };
    expect(poolObstacles([oracle, oracle])).toEqual([]);
    expect(poolObstacles([oracle, { ...oracle, agent: 'nop' }])).toEqual(['agents oracle and nop']);
  });
});
