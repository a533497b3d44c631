import { describe, expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { baselineSchema } from '../../record/baseline.js';
import type { JobSummary } from '../../record/job-summary.js';
import { compareSides, refusedDifferences } from './compare.js';
import { gateDefaults, runGate, type GateOptions } from './gate.js';
import { baselineOfJob, sideOfBaseline, sideOfJob } from './comparison-side.js';

/** `count` tasks with these rewards each. */
function uniform(count: number, rewards: readonly (number | null)[], name: string): JobSummary {
  return syntheticJob(
    Array.from({ length: count }, () => rewards),
    name,
  );
}

function gate(
  before: JobSummary,
  after: JobSummary,
  options: Partial<GateOptions> = {},
): ReturnType<typeof runGate> {
  return runGate(sideOfJob(before), sideOfJob(after), { ...gateDefaults, ...options });
}

const steady = uniform(20, [1, 1, 0], 'steady');

describe('the gate', () => {
  it('is green for the same results', () => {
    expect(gate(steady, uniform(20, [1, 0, 1], 'again')).decision).toBe('no-regression');
  });

  it('is red for a clear drop and names the tasks that broke', () => {
    const result = gate(uniform(20, [1, 1, 1], 'good'), uniform(20, [0, 0, 1], 'bad'));
    expect(result).toMatchObject({ decision: 'regression' });
    expect(result.drop).toBeCloseTo(2 / 3);
    const broken = gate(uniform(20, [1, 1, 1], 'good'), uniform(20, [0, 0, 0], 'none'));
    expect(broken.tasks.every((task) => task.status === 'broken')).toBe(true);
  });

  it('tolerates a significant drop that is not surely beyond what is allowed', () => {
    const before = syntheticJob(
      Array.from({ length: 30 }, () => [1, 1, 1, 1, 1]),
      'before',
    );
    const after = syntheticJob(
      Array.from({ length: 30 }, (_, index) => (index < 6 ? [0, 1, 1, 1, 1] : [1, 1, 1, 1, 1])),
      'after',
    );
    expect(gate(before, after, { maxDrop: 0 }).decision).toBe('regression');
    expect(gate(before, after, { maxDrop: 0.1 }).decision).toBe('no-regression');
  });

  it('cannot tell with so little data that nothing could fail', () => {
    const result = gate(uniform(2, [1], 'few'), uniform(2, [0], 'fewer'));
    expect(result.decision).toBe('cannot-tell');
    expect(result.reasons.join()).toContain('too little data');
  });

  it('cannot tell with too many trials without a verdict', () => {
    const result = gate(steady, uniform(20, [1, 1, null], 'lossy'));
    expect(result.decision).toBe('cannot-tell');
    expect(result.reasons.join()).toContain('20 of 60 trials of lossy');
    expect(gate(steady, uniform(20, [1, 1, null], 'lossy'), { maxUnmeasured: 0.5 }).decision).toBe(
      'no-regression',
    );
  });

  it('counts planned trials without a result as unmeasured', () => {
    const half = { ...uniform(20, [1, 1], 'half'), attemptsPlanned: 3 };
    expect(gate(steady, half).reasons.join()).toContain('20 of 60 trials of half');
  });

  it('cannot tell over other tasks, changed tasks or changed timeouts, unless told', () => {
    expect(gate(steady, uniform(19, [1, 1, 0], 'short')).reasons.join()).toContain('1 tasks only in steady');
    const changed = { ...steady, trials: steady.trials.map((trial) => ({ ...trial, taskDigest: 'other' })) };
    expect(gate(steady, changed).decision).toBe('cannot-tell');
    expect(gate(steady, { ...steady, timeoutMultiplier: 2 }).decision).toBe('cannot-tell');
    expect(gate(steady, { ...steady, timeoutMultiplier: 2 }, { allow: ['timeouts'] }).decision).toBe(
      'no-regression',
    );
  });

  it('lets the harness change: that is what it is for', () => {
    const other = { ...steady, harness: { name: 'tmax', digest: 'sha256:new' } };
    expect(gate(steady, other).decision).toBe('no-regression');
  });

  it('marks flaky tasks and decides the same from a baseline file', () => {
    const file = baselineOfJob(steady, { version: '1', savedAt: '2026-01-01T00:00:00Z' });
    const parsed = baselineSchema.parse(JSON.parse(JSON.stringify(file)));
    const result = runGate(sideOfBaseline(parsed), sideOfJob(steady));
    expect(result.decision).toBe('no-regression');
    expect(result.tasks.every((task) => task.status === 'flaky')).toBe(true);
    expect(result.p).toBe(gate(steady, steady).p);
  });

  it('keeps what a job lacked and how it is labelled in a baseline file', () => {
    const job = { ...uniform(20, [1, 1], 'half'), attemptsPlanned: 3, timeoutMultiplier: 2 };
    const file = baselineOfJob(job, { version: '1', savedAt: '2026-01-01T00:00:00Z' });
    const side = sideOfBaseline(baselineSchema.parse(JSON.parse(JSON.stringify(file))));
    expect(side.missing).toBe(20);
    expect(side.labels).toContain('modified timeouts: x2');
    expect(side.labels).toEqual(sideOfJob({ ...job, trials: [] }).labels);
  });
});

describe('a comparison', () => {
  it('names every kind of difference in set-up', () => {
    const other: JobSummary = {
      ...steady,
      name: 'other',
      budgetMode: 'clamp',
      timeoutMultiplier: 2,
      harness: { name: 'mini', digest: null },
      trials: steady.trials.slice(3),
    };
    const { differences } = compareSides(sideOfJob(steady), sideOfJob(other));
    expect(differences.map(({ kind }) => kind)).toEqual(['tasks', 'timeouts', 'budget', 'harness']);
    expect(refusedDifferences(differences, ['tasks', 'harness']).map(({ kind }) => kind)).toEqual([
      'timeouts',
      'budget',
    ]);
    expect(refusedDifferences(differences, ['all'])).toEqual([]);
  });

  it('does not hold digests of different formulas against each other', () => {
    const hex = { ...steady, trials: steady.trials.map((trial) => ({ ...trial, taskDigest: 'ab12' })) };
    const named = {
      ...steady,
      trials: steady.trials.map((trial) => ({ ...trial, taskDigest: 'sha256:ff' })),
    };
    expect(compareSides(sideOfJob(hex), sideOfJob(named)).differences).toEqual([]);
  });

  it('leaves out tasks that a side has not measured', () => {
    const a = syntheticJob([[1], [1]], 'a');
    const b = syntheticJob([[1], [null]], 'b');
    expect(compareSides(sideOfJob(a), sideOfJob(b))).toMatchObject({
      nTasks: 1,
      unpaired: ['task-1'],
      difference: 0,
    });
  });
});

it('calls a rise a rise, and does not weigh it against chance', () => {
  const before = syntheticJob(Array.from({ length: 8 }, () => [1, 0, 0, 0]));
  const after = syntheticJob(Array.from({ length: 8 }, () => [1, 1, 0, 0]));
  const { reasons } = runGate(sideOfJob(before), sideOfJob(after));
  expect(reasons).toEqual(['the mean rose by 25.0 pp: there is no drop']);
  expect(runGate(sideOfJob(before), sideOfJob(before)).reasons).toEqual(['the mean did not change']);
});

it.each([
  [[1, 1, 1, 1, 0], [1, 0, 0, 0, 0], 'worse'],
  [[1, 0, 0, 0, 0], [1, 1, 1, 1, 0], 'better'],
  [[1, 0], [0, 1], 'flaky'],
  [[1, 1], [0, 0], 'broken'],
  [[1, 1], [1, 0], 'worse'],
  [[0.5, 0.5], [0.25, 0.25], 'worse'],
  [[0, 0], [0, 0], 'unchanged'],
])('%j → %j is %s', (before, after, status) => {
  const result = runGate(sideOfJob(syntheticJob([before])), sideOfJob(syntheticJob([after])));
  expect(result.tasks[0]?.status).toBe(status);
});
