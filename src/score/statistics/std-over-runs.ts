import type { Exact } from '../../base/number/fraction.js';
import { populationVariance, sampleVariance, squareRoot } from './variance.js';

/**
 * Population standard deviation, sqrt(sum (x - mean)^2 / n): what published Terminal-Bench tables print after
 * the +-, over the means of the runs (numpy's `std`, as the upstream statistics script uses it).
 */
export function populationStd(values: readonly Exact[]): number {
  return squareRoot(populationVariance(values));
}

/** Sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)); null for fewer than two values. */
export function sampleStd(values: readonly Exact[]): number | null {
  return values.length < 2 ? null : squareRoot(sampleVariance(values));
}
