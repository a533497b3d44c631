import { describe, expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { recordedSpeed, scoreAtSpeed, type TurnTime } from './at-speed.js';
import { doubtsOf, judgeDoubt, type Headroom } from './resource-doubt.js';

const none: Headroom = {
  oomKills: 0,
  memoryPeakBytes: 10,
  memoryLimitBytes: 100,
  throttledMs: 0,
  commandsTimedOut: 0,
  slotMs: 0,
  silenceMs: 0,
  retryMs: 0,
  outageMs: 0,
};

/** A job whose trials' times are given: agent 100 s of which the model 80 s, 1000 tokens, limit 200 s. */
function timed(
  rewards: readonly number[],
  change: (trial: TrialSummary, index: number) => TrialSummary,
): JobSummary {
  const job = syntheticJob(rewards.map((reward) => [reward]));
  const trials = job.trials.map((trial, index) =>
    change(
      {
        ...trial,
        ending: 'submitted',
        tokens: { input: null, output: 1000, cached: null },
        phasesMs: { ...trial.phasesMs, agent: 100_000, model: 80_000, verifier: 0 },
        clock: { mode: 'wall', limitMs: 200_000, wallMs: 100_000, serverShare: null, pausedMs: 0 },
      },
      index,
    ),
  );
  return { ...job, trials };
}

describe('resource doubt', () => {
  const [failed, passed] = timed([0, 1], (trial) => trial).trials;
  if (failed === undefined || passed === undefined) throw new Error('no trials');

  it('doubts a failure that met a limit, and no pass and no failure with room', () => {
    expect(doubtsOf(failed, none)).toEqual([]);
    expect(doubtsOf(failed, null)).toEqual([]);
    expect(doubtsOf({ ...failed, ending: 'agent-timeout' }, null)).toEqual(['agent time']);
    expect(doubtsOf(failed, { ...none, memoryPeakBytes: 99, oomKills: 2 })).toEqual([
      'OOM kill',
      'memory full',
    ]);
    expect(doubtsOf(failed, { ...none, throttledMs: 30_000 })).toEqual(['CPU throttled']);
    expect(doubtsOf(failed, { ...none, commandsTimedOut: 2 })).toEqual(['command time']);
    expect(doubtsOf(passed, { ...none, commandsTimedOut: 2 })).toEqual([]);
    const clock = { mode: 'wall', limitMs: 200_000, wallMs: 100_000 };
    expect(doubtsOf({ ...failed, clock: { ...clock, serverShare: 0.1, pausedMs: 0 } }, none)).toEqual([
      'server waits',
    ]);
    expect(doubtsOf({ ...failed, clock: { ...clock, serverShare: 0.09, pausedMs: 0 } }, none)).toEqual([]);
    expect(doubtsOf({ ...passed, ending: 'agent-timeout' }, { ...none, oomKills: 1 })).toEqual([]);
    expect(doubtsOf({ ...failed, measured: false }, { ...none, oomKills: 1 })).toEqual([]);
  });

  it('gives the mean with and without the trials in doubt', () => {
    const job = timed([0, 0, 1], (trial, index) =>
      index === 0 ? { ...trial, ending: 'agent-timeout' } : trial,
    );
    expect(judgeDoubt(job, () => null)).toMatchObject({
      trials: [{ trial: 'task-0__1', reasons: ['agent time'], headroom: null }],
      counts: { 'agent time': 1 },
      meanWithout: 0.5,
      tasksLeft: 2,
    });
  });
});

describe('score against assumed tokens per second', () => {
  it('cuts off what would not have fitted and frees what would have, as a range', () => {
    const job = timed([1, 0, 1], (trial, index) =>
      index === 1 ? { ...trial, ending: 'agent-timeout' } : index === 2 ? { ...trial, clock: null } : trial,
    );
    expect(recordedSpeed(job)).toBeCloseTo(12.5);
    // 1000 tokens at 5 a second are 200 s beside the 20 s of commands: more than the limit of 200 s.
    expect(scoreAtSpeed(job, 5)).toMatchObject({
      low: 1 / 3,
      high: 2 / 3,
      cutOff: 1,
      setFree: 0,
      unknown: 1,
    });
    expect(scoreAtSpeed(job, 100)).toMatchObject({ low: 2 / 3, high: 1, cutOff: 0, setFree: 1 });
  });

  it('asks turn by turn what would have been left undone', () => {
    // Four turns of 250 tokens and 5 s of commands; the last one only submits.
    const turn = (change: Partial<TurnTime> = {}): TurnTime => ({
      ...{ tokens: 250, modelMs: 20_000, commandsMs: 5_000, acts: true, isWhole: true },
      ...change,
    });
    const turns = [turn(), turn(), turn(), turn({ acts: false })];
    const at = (rate: number, ending: TrialSummary['ending'], reward: number, given = turns) => {
      const job = timed([reward], (trial) => ({ ...trial, ending }));
      const { low, high, cutOff, setFree, unknown, byTotals } = scoreAtSpeed(job, rate, () => given);
      return { low, high, cutOff, setFree, unknown, byTotals };
    };
    const same = { cutOff: 0, setFree: 0, unknown: 0, byTotals: 0 };
    // 3 x (50 + 5) s = 165 s: only the submission falls away, and the tests see what they saw.
    expect(at(5, 'submitted', 1)).toEqual({ ...same, low: 1, high: 1 });
    // 3 x (62.5 + 5) s = 202.5 s.
    expect(at(4, 'submitted', 1)).toEqual({ ...same, low: 0, high: 1, cutOff: 1 });
    // A pass that timed out, on a model that is slower still.
    expect(at(4, 'agent-timeout', 1)).toMatchObject({ low: 0, high: 1, cutOff: 1 });
    // At the speed of the record everything is as it was; its last answer or command was under way.
    expect(at(12.5, 'agent-timeout', 0)).toEqual({ ...same, low: 0, high: 0 });
    expect(at(12.5, 'agent-timeout', 0, [...turns, turn({ isWhole: false, commandsMs: 0 })])).toEqual({
      ...same,
      low: 0,
      high: 0,
    });
    expect(at(50, 'agent-timeout', 0)).toEqual({ ...same, low: 0, high: 1, setFree: 1 });
    expect(at(50, 'submitted', 1, [turn({ tokens: null })])).toMatchObject({ unknown: 1, low: 1, high: 1 });
  });
});
