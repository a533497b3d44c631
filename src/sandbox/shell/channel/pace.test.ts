import { expect, it } from 'vitest';
import { Pace } from './pace.js';

const limits = { burstBytes: 1_000, bytesPerSecond: 100, leastPauseMs: 50 };

it('lets a burst pass, then holds the rate', () => {
  let now = 0;
  const pace = new Pace(limits, () => now);
  expect(pace.take(1_000)).toBe(0);
  expect(pace.take(4)).toBe(0);
  expect(pace.take(6)).toBe(100);
  now += 100;
  expect(pace.take(0)).toBe(0);
  expect(pace.take(20)).toBe(200);
});

it('earns the burst anew while nothing is read, and no more', () => {
  let now = 0;
  const pace = new Pace(limits, () => now);
  pace.take(1_000);
  now += 1_000_000;
  expect(pace.take(1_000)).toBe(0);
  expect(pace.take(100)).toBe(1_000);
});
