import { expect, it } from 'vitest';
import { syntheticJob } from '../../test/doubles/synthetic-job.js';
import type { PlannedTrial } from '../job/planned-trial.js';
import type { JobEvent } from '../record/event.js';
import { sideOfJob } from '../score/comparison/comparison-side.js';
import { sequentialDefaults } from '../score/sequential/sequential-gate.js';
import { untilDecided } from './until-decided.js';

const names = Array.from({ length: 40 }, (_, index) => `task-${index}`);
const baseline = sideOfJob(
  syntheticJob(
    names.map(() => [1, 0, 1]),
    'base',
  ),
);
const job = (tasks: readonly string[], attempts: number) =>
  ({ name: 'new', tasks: tasks.map((name) => ({ name })), run: { attempts } }) as unknown as Parameters<
    typeof untilDecided
  >[0];
const plan = (attempts: number): PlannedTrial[] =>
  names.flatMap((name) =>
    Array.from(
      { length: attempts },
      (_, index) =>
        ({ name: `${name}__${index + 1}`, task: { name }, attempt: index + 1 }) as unknown as PlannedTrial,
    ),
  );
const end = ({ task, attempt }: PlannedTrial, reward: number): JobEvent =>
  ({
    kind: 'trial-end',
    end: { task: task.name, attempt, outcome: { kind: 'scored', reward } },
  }) as unknown as JobEvent;

it('starts attempts in balanced order, those without a partner last, and ends at the deciding block', () => {
  const pace = untilDecided(job(names, 4), baseline, sequentialDefaults);
  const order = pace.order(plan(4));
  expect(order.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4].flatMap((n) => Array<number>(40).fill(n)));
  expect(order.slice(0, 40).map(({ task }) => task.name)).not.toEqual(names);
  let made = 0;
  for (const trial of order) {
    if (pace.hasEnough()) break;
    made += 1;
    pace.see(end(trial, 0));
  }
  expect(made).toBeLessThan(80);
  expect(made % sequentialDefaults.block).toBe(0);
});

it('decides against a baseline of one run, whose attempts show no spread of their own', () => {
  const once = (rewards: readonly number[]) =>
    sideOfJob(
      syntheticJob(
        rewards.map((reward) => [reward]),
        'once',
      ),
    );
  const steady = names.map((_, index) => index % 2);
  const play = (rewardOf: (trial: PlannedTrial) => number): { made: number; partners: boolean } => {
    const pace = untilDecided(job(names, 3), once(steady), sequentialDefaults);
    const order = pace.order(plan(3));
    let made = 0;
    for (const trial of order) {
      if (pace.hasEnough()) break;
      made += 1;
      pace.see(end(trial, rewardOf(trial)));
    }
    return { made, partners: order.slice(0, 40).every(({ attempt }) => attempt === 1) };
  };
  const same = play(({ task }) => steady[names.indexOf(task.name)] ?? 0);
  expect(same.partners).toBe(true);
  expect(same.made).toBeLessThan(40);
  expect(play(() => 0).made).toBeLessThanOrEqual(40);
});

it('refuses a baseline that could decide nothing, before any trial is made', () => {
  const unmeasured = sideOfJob(
    syntheticJob(
      names.map(() => [null]),
      'none',
    ),
  );
  expect(() => untilDecided(job(names, 3), unmeasured, sequentialDefaults)).toThrow('has a verdict');
  const options = { ...sequentialDefaults, maxDrop: 0.05, findDrop: 0.04 };
  expect(() => untilDecided(job(names, 3), baseline, options)).toThrow('is not above the 5.0 pp allowed');
});

it('refuses a run without all tasks of the baseline', () => {
  expect(() => untilDecided(job(names.slice(1), 3), baseline, sequentialDefaults)).toThrow(
    '1 tasks of the baseline base are not among those of new: task-0',
  );
});
