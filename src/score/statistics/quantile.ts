/** The ends of an interval or of what was seen. */
export interface Range {
  readonly low: number;
  readonly high: number;
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
