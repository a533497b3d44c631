import { expect, it } from 'vitest';
import { correctForMany, levelOfEach } from './correct-for-many.js';

it('corrects as Holm does, in the order given', () => {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02
  const corrected = correctForMany([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((p, index) => expect(corrected[index]).toBeCloseTo(p, 12));
  expect(correctForMany([0.9, 0.8])).toEqual([1, 1]);
  expect(correctForMany([])).toEqual([]);
});

it('widens intervals with their number', () => {
  expect(levelOfEach(0.95, 1)).toBeCloseTo(0.95);
  expect(levelOfEach(0.95, 10)).toBeCloseTo(0.995);
});
