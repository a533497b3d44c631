import { describe, expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { baselineOfJob, sideOfBaseline, sideOfJob } from '../comparison/comparison-side.js';
import { runSequentialGate, sequentialDefaults } from './sequential-gate.js';
import { trialOrder } from './trial-order.js';

/** Sixty tasks with three attempts, `passes` of each three. */
const tasks = (passes: number): number[][] =>
  Array.from({ length: 60 }, (_, task) => [0, 1, 2].map((attempt) => Number((attempt + task) % 3 < passes)));
const baseline = sideOfJob(syntheticJob(tasks(2), 'base'));
const gate = (job = syntheticJob(tasks(2), 'new'), options = {}) =>
  runSequentialGate(baseline, job, { ...sequentialDefaults, ...options });

describe('the gate that stops early', () => {
  it('turns red long before the end when nothing is solved any more', () => {
    const result = gate(syntheticJob(tasks(0), 'new'));
    expect(result.decision).toBe('regression');
    expect(result.lookedAt).toBeLessThan(100);
    expect(result.reasons[0]).toMatch(/^after \d+ of 180 trials the mean is \d+\.\d pp lower/);
  });

  it('turns green before the end when nothing changed, and the same for a baseline file', () => {
    const result = gate();
    expect(result.decision).toBe('no-regression');
    expect(result.lookedAt).toBeLessThan(180);
    const file = baselineOfJob(syntheticJob(tasks(2), 'base'), { version: '0', savedAt: '' });
    const fromFile = runSequentialGate(sideOfBaseline(file), syntheticJob(tasks(2), 'new'));
    expect(fromFile.looks).toEqual(result.looks);
  });

  it('needs only the trials up to its decision, and waits for a trial that is late', () => {
    const whole = syntheticJob(tasks(0), 'new');
    const { lookedAt } = gate(whole);
    const order = trialOrder(baseline.tasks.keys(), 3, sequentialDefaults.seed);
    const first = new Set(order.slice(0, lookedAt).map(({ task, attempt }) => `${task}__${attempt}`));
    const stopped = {
      ...whole,
      attemptsPlanned: 3,
      trialsPlanned: 180,
      trials: whole.trials.filter((trial) => first.has(trial.name)),
    };
    expect(gate(stopped).decision).toBe('regression');
    const late = { ...stopped, trials: stopped.trials.filter((trial) => trial.name !== [...first][3]) };
    expect(gate(late)).toMatchObject({ decision: 'cannot-tell', lookedAt: 0, mayGoOn: true });
  });

  it('turns green when every task ends as it always did, though no pair tells the sides apart', () => {
    const steady = (name: string, broken = 0) =>
      syntheticJob(
        Array.from({ length: 60 }, (_, task) =>
          Array<number>(3).fill(Number(task % 2 === 0 && task >= broken)),
        ),
        name,
      );
    const before = sideOfJob(steady('base'));
    const same = runSequentialGate(before, steady('new'));
    expect(same).toMatchObject({ decision: 'no-regression' });
    expect(same.lookedAt).toBeLessThan(150);
    expect(runSequentialGate(before, steady('new', 12)).decision).toBe('regression');
    const one = (reward: number) => syntheticJob([[reward]], 'one');
    expect(runSequentialGate(sideOfJob(one(1)), one(0)).decision).toBe('cannot-tell');
  });

  it('cannot tell at the end of a budget that shows neither', () => {
    const result = gate(undefined, { findDrop: 0.021, miss: 0.01 });
    expect(result).toMatchObject({ decision: 'cannot-tell', lookedAt: 180, mayGoOn: false });
    expect(result.reasons[0]).toContain('the budget of 180 trials is used up');
  });

  it('cannot tell of other tasks, of too many trials without a verdict, or of a drop to find below the allowed', () => {
    const other = syntheticJob(tasks(2).slice(1), 'new');
    expect(gate(other).decision).toBe('cannot-tell');
    const broken = syntheticJob(
      tasks(2).map((rewards) => rewards.map((reward, index) => (index === 0 ? null : reward))),
      'new',
    );
    expect(gate(broken).reasons.join()).toContain('have no verdict or no partner');
    expect(gate(undefined, { findDrop: 0.01 }).reasons.join()).toContain('is not above');
  });
});
