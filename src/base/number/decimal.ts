const formats = new Map<number, Intl.NumberFormat>();

/**
 * A number with so many decimals, rounded once, half away from zero, from the shortest decimal that names it: 0.5875
 * is 58.75 percent and prints 58.8, where `toFixed` sees the double a hair below it. Never `-0.0`.
 */
export function decimal(value: number, digits: number): string {
  const format = formats.get(digits) ?? createFormat(digits);
  formats.set(digits, format);
  return withoutMinusZero(format.format(value));
}

/** A fraction of 1 as percent with one decimal, without the sign. The one rounding of every printed mean. */
export function percent(fraction: number): string {
  return withoutMinusZero(percentFormat.format(fraction).replace('%', ''));
}

/** A difference of fractions in percentage points, with its sign. */
export function points(fraction: number): string {
  const text = percent(fraction);
  return text.startsWith('-') || text === '0.0' ? text : `+${text}`;
}

const percentFormat = new Intl.NumberFormat('en-US', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  useGrouping: false,
});

function createFormat(digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });
}

function withoutMinusZero(text: string): string {
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}
