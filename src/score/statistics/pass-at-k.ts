import { fractionOf, multiply, reduced, subtract, type Fraction } from '../../base/number/fraction.js';
import { mean } from '../../base/number/mean.js';

/** How often one task was tried and how often it passed. */
export interface PassCount {
  readonly attempts: number;
  readonly passes: number;
}

/**
 * Probability that at least one of k attempts at a task passes, unbiased from n >= k attempts with c passes:
 * 1 - C(n-c, k) / C(n, k) (Chen et al. 2021). Null for n < k: fewer attempts cannot tell.
 */
export function passAtK({ attempts, passes }: PassCount, k: number): Fraction | null {
  return attempts < k ? null : subtract(1, chooseRatio(attempts - passes, attempts, k));
}

/**
 * Probability that all of k attempts at a task pass, unbiased: C(c, k) / C(n, k) (Yao et al. 2024, pass^k).
 * Null for n < k.
 */
export function passHatK({ attempts, passes }: PassCount, k: number): Fraction | null {
  return attempts < k ? null : chooseRatio(passes, attempts, k);
}

/** Mean of an estimator over tasks; null when some task has too few attempts for it. */
export function overTasks(
  tasks: readonly PassCount[],
  estimate: (task: PassCount, k: number) => Fraction | null,
  k: number,
): number | null {
  const values = tasks.map((task) => estimate(task, k));
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : mean(known);
}

/** C(part, k) / C(whole, k) as a product of ratios. */
function chooseRatio(part: number, whole: number, k: number): Fraction {
  let ratio = fractionOf(1);
  for (let drawn = 0; drawn < k; drawn += 1) {
    ratio = multiply(ratio, reduced(BigInt(Math.max(0, part - drawn)), BigInt(whole - drawn)));
  }
  return ratio;
}
