import { add, divide, fractionOf, toNumber, type Exact, type Fraction } from './fraction.js';

/**
 * Arithmetic mean, from the exact sum; 0 for no values, which callers exclude beforehand where it matters. A mean of
 * means takes `meanFraction` of each group: the doubles of thirds do not add up to one.
 */
export function mean(values: readonly Exact[]): number {
  return toNumber(meanFraction(values));
}

/** The mean before it is rounded to a double. */
export function meanFraction(values: readonly Exact[]): Fraction {
  return values.length === 0 ? fractionOf(0) : divide(sumFraction(values), values.length);
}

/** The sum, rounded once. */
export function sum(values: readonly Exact[]): number {
  return toNumber(sumFraction(values));
}

export function sumFraction(values: readonly Exact[]): Fraction {
  const whole = values.every((value) => Number.isSafeInteger(value))
    ? values.reduce<number>((total, value) => total + Number(value), 0)
    : Number.NaN;
  if (Number.isSafeInteger(whole)) return fractionOf(whole);
  return values.reduce<Fraction>((total, value) => add(total, fractionOf(value)), fractionOf(0));
}
