import { expect, test } from 'vitest';
import { effectiveReward, overallReward, storedRewards } from './reward.js';

test('the reward named so stands for the trial, else the mean of all', () => {
  expect(overallReward({ reward: 0.2, style: 1 })).toBe(0.2);
  expect(overallReward({ style: 1, tests: 0.5 })).toBe(0.75);
  expect(overallReward({ score: 0.5 })).toBe(0.5);
  expect(overallReward({})).toBeNull();
});

test('a verdict of tampered or unverifiable takes the reward away, others do not', () => {
  expect(effectiveReward(1, 'tampered')).toBe(0);
  expect(effectiveReward(1, 'unverifiable')).toBe(0);
  expect(effectiveReward(1, 'suspicious')).toBe(1);
  expect(effectiveReward(0.5, null)).toBe(0.5);
  expect(effectiveReward(null, 'clean')).toBe(0);
});

test('a file names the reward that counts, whatever the tests called theirs', () => {
  expect(storedRewards({ style: 1, tests: 0.5 }, 0.75)).toEqual({ style: 1, tests: 0.5, reward: 0.75 });
  expect(storedRewards({ reward: 1 }, 0)).toEqual({ reward: 0 });
});
