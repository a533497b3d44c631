import { readFileSync, rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryDir, writeSampleJob } from '../../../test/doubles/sample-job.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import {
  bootstrapInterval,
  exactInterval,
  normalQuantile,
  studentQuantile,
  wilsonInterval,
} from './interval.js';
import type { JobScore } from '../job/job-score.js';
import { mean } from '../../base/number/mean.js';
import { quantile } from './quantile.js';
import { populationStd, sampleStd } from './std-over-runs.js';
import { overTasks, passAtK, passHatK } from './pass-at-k.js';
import { newTasksEstimate, sameTasksEstimate } from '../comparison/paired.js';
import { pairedDifference, permutationTest, type Pair } from './permutation.js';
import { scoreJob } from '../job/score-job.js';
import { expectedStd } from './std-of-one-run.js';
import { repairingRange } from './std-over-pairings.js';

const pair = z.tuple([z.number(), z.number()]);
const runs = z.object({
  runs: z.array(z.number()),
  mean: z.number(),
  population_std: z.number(),
  sample_std: z.number(),
  standard_error: z.number(),
});
/** Made by scripts/scipy-reference.py with NumPy and SciPy, from the same 445 trials. */
const reference = z
  .object({
    by_started_at: runs,
    by_name: runs,
    spread: z.object({
      expected_std: z.number(),
      single_run_std: z.number(),
      fixed_task_standard_error: z.number(),
      clustered_standard_error: z.number(),
      pairings_5_95: pair,
    }),
    bootstrap_exact_95: pair,
    pass_at_k: z.record(z.string(), z.number()),
    pass_hat_k: z.record(z.string(), z.number()),
    proportions: z.array(z.object({ successes: z.number(), trials: z.number(), wilson: pair, exact: pair })),
    distributions: z.object({
      normal: z.array(pair),
      student: z.array(z.tuple([z.number(), z.number(), z.number()])),
    }),
    comparison: z.object({
      difference: z.number(),
      paired_t_p: z.number(),
      paired_t_interval: pair,
      within_task_standard_error: z.number(),
      permutation_p_two_sided: z.number(),
      permutation_p_drop: z.number(),
    }),
  })
  .parse(
    JSON.parse(
      readFileSync(new URL('../../../test/fixtures/statistics-reference.json', import.meta.url), 'utf8'),
    ),
  );

const dir = temporaryDir('statistics');
let score: JobScore;
let byName: JobScore;
beforeAll(async () => {
  const [job] = await readJobFolder(writeSampleJob(dir));
  if (job === undefined) throw new Error('no job');
  score = scoreJob(job);
  byName = scoreJob(job, { runOrder: 'name' });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('against NumPy and SciPy on the recorded job', () => {
  it('agrees on the statistics over runs, in either pairing', () => {
    for (const [mine, theirs] of [
      [score, reference.by_started_at],
      [byName, reference.by_name],
    ] as const) {
      mine.runs.forEach((run, index) => expect(run.mean).toBeCloseTo(theirs.runs[index] ?? -1, 12));
      expect(mine.mean).toBeCloseTo(theirs.mean, 12);
      expect(mine.std).toBeCloseTo(theirs.population_std, 12);
      expect(mine.uncertainty.sampleStd).toBeCloseTo(theirs.sample_std, 12);
      expect(mine.uncertainty.standardError).toBeCloseTo(theirs.standard_error, 12);
    }
  });

  it('agrees on the spreads that need no pairing', () => {
    const { spread } = reference;
    expect(score.uncertainty.expectedStd).toBeCloseTo(spread.expected_std, 12);
    expect(score.uncertainty.singleRunStd).toBeCloseTo(spread.single_run_std, 12);
    expect(score.uncertainty.fixedTaskStandardError).toBeCloseTo(spread.fixed_task_standard_error, 12);
    expect(score.uncertainty.clusteredStandardError).toBeCloseTo(spread.clustered_standard_error, 12);
    expect(score.uncertainty.repairing?.low).toBeCloseTo(spread.pairings_5_95[0], 2);
    expect(Math.abs((score.uncertainty.repairing?.high ?? 0) - spread.pairings_5_95[1])).toBeLessThan(0.002);
  });

  it('bootstraps to within the resampling error of the exact convolution', () => {
    expect(Math.abs(score.uncertainty.bootstrap.low - reference.bootstrap_exact_95[0])).toBeLessThan(0.003);
    expect(Math.abs(score.uncertainty.bootstrap.high - reference.bootstrap_exact_95[1])).toBeLessThan(0.003);
  });

  it('agrees on pass@k and pass^k', () => {
    for (const { k, passAtK: at, passHatK: hat } of score.passAtK) {
      expect(at).toBeCloseTo(reference.pass_at_k[String(k)] ?? -1, 12);
      expect(hat).toBeCloseTo(reference.pass_hat_k[String(k)] ?? -1, 12);
    }
  });

  it('agrees on intervals of proportions and on quantiles', () => {
    for (const { successes, trials, wilson, exact } of reference.proportions) {
      const mine = wilsonInterval(successes, trials);
      expect([mine.low, mine.high]).toEqual([expect.closeTo(wilson[0], 6), expect.closeTo(wilson[1], 6)]);
      const beta = exactInterval(successes, trials);
      expect([beta.low, beta.high]).toEqual([expect.closeTo(exact[0], 6), expect.closeTo(exact[1], 6)]);
    }
    for (const [p, value] of reference.distributions.normal) expect(normalQuantile(p)).toBeCloseTo(value, 6);
    for (const [p, freedom, value] of reference.distributions.student) {
      expect(studentQuantile(p, freedom)).toBeCloseTo(value, 5);
    }
  });

  it('agrees on the paired comparison of three runs with two', () => {
    const pairs: Pair[] = score.tasks.map((task) => {
      const rewards = task.rewards.map((reward) => reward ?? 0);
      return { task: task.task, before: rewards.slice(0, 3), after: rewards.slice(3) };
    });
    const { comparison } = reference;
    expect(pairedDifference(pairs)).toBeCloseTo(comparison.difference, 12);
    expect(sameTasksEstimate(pairs).standardError).toBeCloseTo(comparison.within_task_standard_error, 12);
    const general = newTasksEstimate(pairs);
    expect(general?.p).toBeCloseTo(comparison.paired_t_p, 5);
    expect(general?.interval.low).toBeCloseTo(comparison.paired_t_interval[0], 6);
    const test = permutationTest(pairs);
    expect(test.method).toBe('exact');
    expect(Math.abs(test.drop - comparison.permutation_p_drop)).toBeLessThan(0.01);
    expect(Math.abs(test.twoSided - comparison.permutation_p_two_sided)).toBeLessThan(0.01);
  });
});

describe('properties', () => {
  const rewards = fc.array(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 10,
  });

  it('keeps the expected std between the extremes of all pairings', () => {
    fc.assert(
      fc.property(rewards, (tasks) => {
        const expected = expectedStd(tasks) ?? 0;
        const sorted = tasks.map((task) => [...task].sort());
        const largest = populationStd([0, 1, 2].map((run) => mean(sorted.map((task) => task[run] ?? 0))));
        expect(expected).toBeLessThanOrEqual(largest + 1e-12);
        const range = repairingRange(tasks, 200);
        expect(range?.low).toBeLessThanOrEqual((range?.high ?? 0) + 1e-12);
      }),
      { numRuns: 50 },
    );
  });

  it('gives the same chances by convolution and by sampling', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.array(fc.constantFrom(0, 1), { minLength: 2, maxLength: 2 }),
            fc.array(fc.constantFrom(0, 1), { minLength: 3, maxLength: 3 }),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        (tasks) => {
          const exact = permutationTest(
            tasks.map(([before, after], index) => ({ task: String(index), before, after })),
          );
          // Rewards that are not 0 or 1 take the sampled way; scaling them changes no chance.
          const scaled = (values: number[]): number[] => values.map((value) => value * 0.5);
          const sampled = permutationTest(
            tasks.map(([before, after], index) => ({
              task: String(index),
              before: scaled(before),
              after: scaled(after),
            })),
            20_000,
          );
          expect(exact.method).toBe('exact');
          if (sampled.method === 'monte-carlo') {
            expect(Math.abs(exact.drop - sampled.drop)).toBeLessThan(0.03);
            expect(Math.abs(exact.twoSided - sampled.twoSided)).toBeLessThan(0.03);
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  it('swaps signs when the sides are swapped', () => {
    fc.assert(
      fc.property(rewards, rewards, (a, b) => {
        const count = Math.min(a.length, b.length);
        const pairs = (x: number[][], y: number[][]): Pair[] =>
          Array.from({ length: count }, (_, index) => ({
            task: String(index),
            before: x[index] ?? [0],
            after: y[index] ?? [0],
          }));
        expect(pairedDifference(pairs(a, b))).toBeCloseTo(-pairedDifference(pairs(b, a)), 12);
      }),
    );
  });
});

it('refuses pass@k for more attempts than there are', () => {
  expect(passAtK({ attempts: 3, passes: 0 }, 5)).toBeNull();
  expect(
    overTasks(
      [
        { attempts: 3, passes: 1 },
        { attempts: 5, passes: 1 },
      ],
      passHatK,
      4,
    ),
  ).toBeNull();
});

it('has no sample std of one value, and interpolates quantiles', () => {
  expect(sampleStd([1])).toBeNull();
  expect(quantile([0, 1], 0.25)).toBe(0.25);
});

it('bootstraps a constant to a point', () => {
  expect(bootstrapInterval([0.5, 0.5, 0.5])).toEqual({ low: 0.5, high: 0.5 });
});
