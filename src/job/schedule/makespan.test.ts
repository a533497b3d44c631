import { expect, test } from 'vitest';
import { makespan } from './makespan.js';

test('each trial starts when the first slot is free', () => {
  expect(makespan([5, 3, 3, 1], 2)).toBe(6);
  expect(makespan([1, 1, 1, 9], 2)).toBe(10);
  expect(makespan([9, 1, 1, 1], 2)).toBe(9);
  expect(makespan([2, 3], 16)).toBe(3);
  expect(makespan([], 4)).toBe(0);
});
