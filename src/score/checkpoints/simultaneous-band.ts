import { fractionOf, toNumber, type Exact } from '../../base/number/fraction.js';
import { mean as exactMean } from '../../base/number/mean.js';
import { quantile } from '../statistics/quantile.js';
import { createRandom, defaultSeed } from '../statistics/random.js';

/** One point of a curve: its mean over tasks and its part of the band that covers all points at once. */
export interface BandPoint {
  readonly mean: number;
  readonly standardError: number;
  readonly low: number;
  readonly high: number;
}

export interface BandOptions {
  readonly level?: number;
  readonly draws?: number;
  readonly seed?: number;
  /** Smallest value there can be; the largest is 1. */
  readonly lowest?: -1 | 0;
}

/**
 * A band that holds all of a curve's true means at once with probability `level`, for new tasks of the same kind.
 * `exactly[j][i]` is what task i gave at point j, the same tasks at each point. Bootstrap over tasks: N tasks drawn
 * with replacement, the same for all points (so points are paired by task); the `level` quantile over the draws of
 * the largest |mean* - mean| / error* is the number of standard errors that the band is wide (the sup-t band of
 * Montiel Olea and Plagborg-Moller 2019, studentized in each draw as in Efron's bootstrap-t). For differences,
 * give differences as series. A point without spread over tasks has no error to be wide by: if its true mean were further
 * away than 1 - (alpha / points)^(1 / N) of the range, N tasks would hardly have been all alike.
 */
export function simultaneousBand(
  exactly: readonly (readonly Exact[])[],
  { level = 0.95, draws = 2000, seed = defaultSeed, lowest = -1 }: BandOptions = {},
): BandPoint[] {
  const series = exactly.map((values) => values.map((value) => toNumber(fractionOf(value))));
  const points = series.map(moments);
  const random = createRandom(seed);
  const tasks = series[0]?.length ?? 0;
  const weights = new Uint16Array(tasks);
  const largest = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    weights.fill(0);
    for (let pick = 0; pick < tasks; pick += 1) {
      const task = Math.floor(random() * tasks);
      weights[task] = (weights[task] ?? 0) + 1;
    }
    largest[draw] = largestDeviation(series, points, weights);
  }
  largest.sort();
  const alike = points.filter(({ error }) => error === 0).length;
  const each = (1 - level) / Math.max(1, points.length);
  const width = quantile(largest, 1 - each * (points.length - alike));
  const unseen = 1 - each ** (1 / Math.max(1, tasks));
  return points.map(({ error }, index) => {
    const mean = exactMean(exactly[index] ?? []);
    const half = error === 0 ? unseen * Math.max(mean - lowest, 1 - mean) : width * error;
    return {
      mean,
      standardError: error,
      low: Math.max(lowest, mean - half),
      high: Math.min(1, mean + half),
    };
  });
}

interface Moments {
  readonly mean: number;
  /** Standard error over tasks, sqrt(sum (x - mean)^2 / (N (N - 1))). */
  readonly error: number;
}

function moments(values: readonly number[]): Moments {
  return weightedMoments(values, null);
}

function weightedMoments(values: readonly number[], weights: Uint16Array | null): Moments {
  const count = values.length;
  let [total, squares] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    const weight = weights === null ? 1 : (weights[index] ?? 0);
    const value = values[index] ?? 0;
    total += weight * value;
    squares += weight * value * value;
  }
  const mean = count === 0 ? 0 : total / count;
  if (count < 2) return { mean, error: 0 };
  const variance = Math.max(0, squares / count - mean * mean) * (count / (count - 1));
  return { mean, error: variance < 1e-15 ? 0 : Math.sqrt(variance / count) };
}

function largestDeviation(
  series: readonly (readonly number[])[],
  points: readonly Moments[],
  weights: Uint16Array,
): number {
  let largest = 0;
  series.forEach((values, index) => {
    const point = points[index];
    if (point === undefined || !(point.error > 0)) return;
    const drawn = weightedMoments(values, weights);
    const deviation = Math.abs(drawn.mean - point.mean);
    // A draw in which all tasks are alike says nothing of its own error; the sample's stands in.
    largest = Math.max(largest, deviation / (drawn.error > 0 ? drawn.error : point.error));
  });
  return largest;
}
