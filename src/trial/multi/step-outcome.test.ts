import { describe, expect, it } from 'vitest';
import { aggregateRewards, goesOn, type StepOutcome } from './step-outcome.js';

function outcome(
  minReward: StepOutcome['step']['minReward'],
  rewards: Record<string, number> | null,
): StepOutcome {
  const result = { verifier_result: rewards === null ? null : { rewards } };
  return { step: { minReward }, result } as unknown as StepOutcome;
}

describe('goesOn', () => {
  it.each([
    [null, { a: 0 }, true],
    [null, null, false],
    [0.5, { reward: 0.5 }, true],
    [0.5, { reward: 0.4 }, false],
    [-1, { other: 1 }, false],
    [{ a: 1, b: 0 }, { a: 1, b: 0 }, true],
    [{ a: 1, absent: 0 }, { a: 1 }, false],
  ])('under %j, with %j: %s', (demand, rewards, answer) => {
    expect(goesOn(outcome(demand, rewards))).toBe(answer);
  });
});

describe('aggregateRewards', () => {
  it('means each key over the steps that have rewards, a missing key as 0', () => {
    expect(aggregateRewards([{ a: 1, b: 0.5 }, { a: 0.5 }, null, { reward: 1 }], 'mean')).toEqual({
      a: 0.5,
      b: 1 / 6,
      reward: 1 / 3,
    });
    expect(aggregateRewards([null], 'mean')).toBeNull();
  });

  it('takes the last step that was begun, whatever it gave', () => {
    expect(aggregateRewards([{ reward: 1 }, { reward: 0.2 }], 'final')).toEqual({ reward: 0.2 });
    expect(aggregateRewards([{ reward: 1 }, null], 'final')).toBeNull();
  });
});
