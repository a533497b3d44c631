import type { Exact } from '../base/number/fraction.js';
import { populationStd } from './statistics/std-over-runs.js';

/**
 * The ± of every table: the population standard deviation over the means of the runs, sqrt(sum (m_i - m)^2 / R) for R
 * runs. Published Terminal-Bench tables print this (numpy's `std`, in the upstream statistics script); the sample
 * standard deviation and the standard errors are reported beside it. A fraction of 1; 0 for a single run.
 */
export function plusMinus(runMeans: readonly Exact[]): number {
  return populationStd(runMeans);
}
