import {
  divide,
  fractionOf,
  multiply,
  subtract,
  toNumber,
  type Exact,
  type Fraction,
} from '../../base/number/fraction.js';
import { meanFraction, sumFraction } from '../../base/number/mean.js';

/** Population variance, sum (x - mean)^2 / n = mean(x^2) - mean^2, exactly. 0 for fewer than two values. */
export function populationVariance(values: readonly Exact[]): Fraction {
  const fractions = values.map(fractionOf);
  const centre = meanFraction(fractions);
  const squares = fractions.map((value) => multiply(value, value));
  return subtract(meanFraction(squares), multiply(centre, centre));
}

/** Sample variance, sum (x - mean)^2 / (n - 1), exactly. 0 for fewer than two values. */
export function sampleVariance(values: readonly Exact[]): Fraction {
  if (values.length < 2) return fractionOf(0);
  return divide(multiply(populationVariance(values), fractionOf(values.length)), values.length - 1);
}

/** sqrt(sum of the parts) / n: how standard errors of a mean over n tasks are put together. */
export function rootOfSum(parts: readonly Fraction[], n: number): number {
  return squareRoot(divide(divide(sumFraction(parts), n), n));
}

/** The square root; exact where it is rational, so that a std of 1.25 % is no hair above or below it. */
export function squareRoot({ numerator, denominator }: Fraction): number {
  const [above, below] = [wholeRoot(numerator), wholeRoot(denominator)];
  return above !== null && below !== null
    ? toNumber({ numerator: above, denominator: below })
    : Math.sqrt(toNumber({ numerator, denominator }));
}

/** The root of a square number by Newton's method; null for any other number. */
function wholeRoot(square: bigint): bigint | null {
  if (square < 2n) return square;
  let root = BigInt(Math.ceil(Math.sqrt(Number(square)))) + 1n;
  if (!Number.isSafeInteger(Number(root))) root = square;
  for (;;) {
    const next = (root + square / root) / 2n;
    if (next >= root) break;
    root = next;
  }
  return root * root === square ? root : null;
}
