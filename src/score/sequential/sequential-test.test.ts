import { describe, expect, it } from 'vitest';
import { createRandom } from '../statistics/random.js';
import { SequentialTest, type Look } from './sequential-test.js';
import { SignWalk } from './sign-walk.js';
import { trialOrder } from './trial-order.js';

const options = { maxDrop: 0, alpha: 0.05, findDrop: 0.15, miss: 0.2 };

/** Ten blocks of `size` pairs; a pair differs with chance 0.4 and then falls to the baseline with `worse`. */
function play(worse: number, seed: number, size = 20): Look {
  const random = createRandom(seed);
  const test = new SequentialTest(options);
  for (let block = 1; ; block += 1) {
    const pairs = Array.from({ length: size }, () => (random() < 0.4 ? (random() < worse ? 1 : -1) : 0));
    const look = test.look(pairs, block / 10);
    if (look.verdict !== 'go-on' || block === 10) return look;
  }
}

const share = (worse: number, verdict: string): number =>
  Array.from({ length: 300 }, (_, seed) => play(worse, seed)).filter((look) => look.verdict === verdict)
    .length / 300;

describe('a test that may stop after any block', () => {
  it('calls no change a regression at most as often as alpha says', () => {
    expect(share(0.5, 'regression')).toBeLessThanOrEqual(0.075);
  });

  it('misses the drop it must find about as seldom as it promises, and finds larger ones', () => {
    const chance = (1 + options.findDrop / 0.4) / 2;
    expect(share(chance, 'no-regression')).toBeLessThanOrEqual(0.26);
    expect(share(0.9, 'regression')).toBeGreaterThan(0.95);
  });

  it('stops early when nothing is solved any more', () => {
    const test = new SequentialTest(options);
    const looks = [0.1, 0.2, 0.3].map((at) => test.look(Array<number>(20).fill(1), at));
    expect(looks.at(-1)?.verdict).toBe('regression');
  });

  it('judges partial credit in hundredths from the block on that has some', () => {
    const test = new SequentialTest(options);
    test.look([1, -1, 0, 0, 1, -1], 0.1);
    const look = test.look([0.25, -0.5, 1, 0], 0.2);
    expect(look).toMatchObject({ pairs: 10, verdict: 'go-on' });
    expect(look.drop).toBeCloseTo(0.075, 12);
  });
});

it('knows the exact distribution of a walk that stops', () => {
  const walk = new SignWalk();
  for (let step = 0; step < 3; step += 1) walk.step(1, 0.5);
  expect(walk.highest(0.125)).toBe(2);
  expect(walk.highest(0.05)).toBe(Number.POSITIVE_INFINITY);
  expect(walk.lowest(0.5)).toBe(0);
  expect(walk.leave(-3, 3)).toEqual({ below: 0.125, above: 0.125 });
  expect(walk.leave(-1, 1)).toEqual({ below: 0.375, above: 0.375 });
});

it('orders trials at random over tasks and balanced over attempts, the same for the same seed', () => {
  const order = trialOrder(['c', 'a', 'b'], 2);
  expect(trialOrder(['b', 'c', 'a'], 2)).toEqual(order);
  expect(order.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2, 2, 2]);
  expect(
    order
      .slice(3)
      .map(({ task }) => task)
      .sort(),
  ).toEqual(['a', 'b', 'c']);
  const many = Array.from({ length: 50 }, (_, index) => `t${index}`);
  expect(trialOrder(many, 1, 1)).not.toEqual(trialOrder(many, 1, 2));
});
