import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimal, percent, points } from './decimal.js';
import { fractionOf, toNumber } from './fraction.js';
import { mean, meanFraction, sum } from './mean.js';

/** `passes` over `tasks` tasks of `attempts` attempts each, dealt as evenly as their remainder allows. */
function spreadPasses(passes: number, tasks: number, attempts: number): number[][] {
  const rewards = Array.from({ length: tasks }, () => new Array<number>(attempts).fill(0));
  for (let pass = 0; pass < passes; pass += 1) {
    const task = rewards[pass % tasks];
    if (task !== undefined) task[Math.floor(pass / tasks)] = 1;
  }
  return rewards;
}

test.each([
  [235, 80, 5, '58.8'],
  [159, 80, 5, '39.8'],
  [77, 80, 5, '19.3'],
  [199, 80, 5, '49.8'],
  [23, 80, 1, '28.8'],
  [41, 80, 1, '51.3'],
  [3, 16, 3, '6.3'],
])(
  '%i passes over %i tasks of %i attempts print %s however they are grouped',
  (passes, tasks, attempts, text) => {
    const rewards = spreadPasses(passes, tasks, attempts);
    expect(percent(mean(rewards.map(meanFraction)))).toBe(text);
    expect(percent(mean(rewards.flat()))).toBe(text);
    expect(percent(passes / (tasks * attempts))).toBe(text);
  },
);

test('a sum of decimals is what they add up to by hand, and rounded once', () => {
  expect(sum([0.1, 0.2])).toBe(0.3);
  expect(mean([0.1, 0.2, 0.3])).toBe(0.2);
  expect(mean([])).toBe(0);
});

test('order and grouping change no digit', () => {
  const value = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
      expect(mean([...values].reverse())).toBe(mean(values));
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (one) => {
      expect(toNumber(fractionOf(one)) - one).toBe(0);
    }),
  );
});

test('numbers without an exact value are refused', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => mean([value])).toThrow(RangeError);
});

test('halves go away from zero on both sides, and nothing prints -0.0', () => {
  expect([0.0005, -0.0005, 0.0004, -0.0004, 1, -1].map(points)).toEqual([
    '+0.1',
    '-0.1',
    '0.0',
    '0.0',
    '+100.0',
    '-100.0',
  ]);
  expect([1.005, 2.5, -0.001].map((value) => decimal(value, 2))).toEqual(['1.01', '2.50', '0.00']);
});
