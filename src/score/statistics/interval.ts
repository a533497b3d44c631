import jstat from 'jstat';
import { quantile, type Range } from './quantile.js';
import { createRandom, defaultSeed } from './random.js';

const { jStat } = jstat;

/**
 * Percentile bootstrap over tasks: N tasks drawn with replacement, the mean of their means, the middle
 * `level` of `draws` such means. Treats tasks as the sample; attempts stay with their task (Efron 1979).
 */
export function bootstrapInterval(
  taskMeans: readonly number[],
  level = 0.95,
  draws = 10_000,
  seed = defaultSeed,
): Range {
  const random = createRandom(seed);
  const count = taskMeans.length;
  const values = Float64Array.from(taskMeans);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    let total = 0;
    for (let pick = 0; pick < count; pick += 1) total += values[Math.floor(random() * count)] ?? 0;
    means[draw] = count === 0 ? 0 : total / count;
  }
  means.sort();
  return { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) };
}

/**
 * Wilson score interval for `successes` of `trials`: (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
 * (Wilson 1927). Treats all trials as alike, so it is too narrow for new tasks and too wide for the same ones.
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Range {
  if (trials === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + level) / 2);
  const rate = successes / trials;
  const centre = rate + z ** 2 / (2 * trials);
  const half = z * Math.sqrt((rate * (1 - rate)) / trials + z ** 2 / (4 * trials ** 2));
  const scale = 1 + z ** 2 / trials;
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - half) / scale),
    high: successes === trials ? 1 : Math.min(1, (centre + half) / scale),
  };
}

/**
 * Exact binomial interval from beta quantiles (Clopper and Pearson 1934): never covers less than `level`
 * when trials are alike and independent.
 */
export function exactInterval(successes: number, trials: number, level = 0.95): Range {
  if (trials === 0) return { low: 0, high: 1 };
  const tail = (1 - level) / 2;
  return {
    low: successes === 0 ? 0 : jStat.beta.inv(tail, successes, trials - successes + 1),
    high: successes === trials ? 1 : jStat.beta.inv(1 - tail, successes + 1, trials - successes),
  };
}

/** The p-quantile of the standard normal distribution. */
export function normalQuantile(p: number): number {
  return jStat.normal.inv(p, 0, 1);
}

/** P(Z <= z) for the standard normal distribution. */
export function normalCdf(z: number): number {
  return jStat.normal.cdf(z, 0, 1);
}

/** The p-quantile of Student's t with `freedom` degrees of freedom. */
export function studentQuantile(p: number, freedom: number): number {
  return jStat.studentt.inv(p, freedom);
}

/** P(T <= t) for Student's t with `freedom` degrees of freedom. */
export function studentCdf(t: number, freedom: number): number {
  return jStat.studentt.cdf(t, freedom);
}
