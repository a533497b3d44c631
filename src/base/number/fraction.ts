/**
 * A number as a ratio of whole numbers, the denominator above 0. Means are added up in these: 235 passes of 400 are
 * 0.5875 in whatever order and grouping they are added, where sums of doubles end a hair above or below.
 */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A number that arithmetic takes exactly. A double stands for the shortest decimal that names it: 0.1 is a tenth. */
export type Exact = number | Fraction;

/** Throws `RangeError` for NaN and the infinities. */
export function fractionOf(value: Exact): Fraction {
  if (typeof value !== 'number') return value;
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no exact value`);
  if (Number.isSafeInteger(value)) return { numerator: BigInt(value), denominator: 1n };
  const [digits = '', exponent = '0'] = String(value).split('e');
  const [whole = '', decimals = ''] = digits.split('.');
  const shift = Number(exponent) - decimals.length;
  const numerator = BigInt(whole + decimals);
  return shift < 0
    ? reduced(numerator, 10n ** BigInt(-shift))
    : { numerator: numerator * 10n ** BigInt(shift), denominator: 1n };
}

/** `numerator / denominator` in lowest terms. */
export function reduced(numerator: bigint, denominator: bigint): Fraction {
  const sign = denominator < 0n ? -1n : 1n;
  const common = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator * sign);
  return { numerator: (numerator * sign) / common, denominator: (denominator * sign) / common };
}

export function add(a: Fraction, b: Fraction): Fraction {
  return a.denominator === b.denominator
    ? reduced(a.numerator + b.numerator, a.denominator)
    : reduced(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function subtract(a: Exact, b: Exact): Fraction {
  const { numerator, denominator } = fractionOf(b);
  return add(fractionOf(a), { numerator: -numerator, denominator });
}

export function multiply(a: Fraction, b: Fraction): Fraction {
  return reduced(a.numerator * b.numerator, a.denominator * b.denominator);
}

export function divide({ numerator, denominator }: Fraction, n: number): Fraction {
  return reduced(numerator, denominator * BigInt(n));
}

/** The double nearest to a fraction. */
export function toNumber({ numerator, denominator }: Fraction): number {
  const [above, below] = [Number(numerator), Number(denominator)];
  if (Number.isSafeInteger(above) && Number.isSafeInteger(below)) return above / below;
  const size = numerator < 0n ? -numerator : numerator;
  // Twenty-five digits, and one more that tells a remainder from none, are read as the nearest double.
  const digits = 25 + Math.max(0, String(denominator).length - String(size).length);
  const scaled = size * 10n ** BigInt(digits);
  const rest = scaled % denominator === 0n ? '0' : '1';
  return Number(`${numerator < 0n ? '-' : ''}${scaled / denominator}${rest}e-${digits + 1}`);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
