/** Arithmetic mean; 0 for no values, which callers exclude beforehand where it matters. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Population variance: sum (x - mean)^2 / n. 0 for fewer than one value. */
export function populationVariance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

/**
 * Population standard deviation, sqrt(sum (x - mean)^2 / n): what published Terminal-Bench tables print after
 * the +-, over the means of the runs (numpy's `std`, as the upstream statistics script uses it).
 */
export function populationStd(values: readonly number[]): number {
  return Math.sqrt(populationVariance(values));
}

/** Sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)); null for fewer than two values. */
export function sampleStd(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  return Math.sqrt((populationVariance(values) * values.length) / (values.length - 1));
}

/** Standard error of a mean of n values: sample std / sqrt(n); null for fewer than two values. */
export function standardError(values: readonly number[]): number | null {
  const spread = sampleStd(values);
  return spread === null ? null : spread / Math.sqrt(values.length);
}

/**
 * The q-quantile (0..1) of ascending values with linear interpolation between neighbours, the default of
 * NumPy and R (type 7).
 */
export function quantile(ascending: readonly number[] | Float64Array, q: number): number {
  const position = (ascending.length - 1) * q;
  const below = ascending[Math.floor(position)] ?? 0;
  const above = ascending[Math.ceil(position)] ?? 0;
  return below + (above - below) * (position - Math.floor(position));
}
