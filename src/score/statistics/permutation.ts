import { subtract, type Fraction } from '../../base/number/fraction.js';
import { mean, meanFraction, sum } from '../../base/number/mean.js';
import { createRandom, defaultSeed, shuffle } from './random.js';

/** Rewards of one task on both sides, measured trials only, at least one each. */
export interface Pair {
  readonly task: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** One-sided and two-sided chances of a difference as large as the one seen when nothing changed. */
export interface PermutationTest {
  readonly method: 'exact' | 'monte-carlo';
  /** P(difference <= observed): small when the second side is worse. */
  readonly drop: number;
  /** P(|difference| >= |observed|). */
  readonly twoSided: number;
}

const tolerance = 1e-9;

/** Mean over tasks of the difference of task means, second side minus first. */
export function pairedDifference(pairs: readonly Pair[]): number {
  return mean(pairs.map(taskDifference));
}

/** The difference of one task's means, second side minus first. */
export function taskDifference({ before, after }: Pick<Pair, 'before' | 'after'>): Fraction {
  return subtract(meanFraction(after), meanFraction(before));
}

/**
 * Permutation test within tasks: if nothing changed, each task's attempts could have been dealt to the two
 * sides in any way (Fisher; stratified by task). Holds its level at any number of attempts, 1 included, and
 * speaks about new attempts at these same tasks. Exact by convolution of hypergeometric distributions where
 * rewards are 0 or 1 and every task has the same attempts a side; otherwise `draws` seeded permutations,
 * counted with the observed one: (1 + hits) / (1 + draws) (Phipson and Smyth 2010).
 */
export function permutationTest(pairs: readonly Pair[], draws = 20_000, seed = defaultSeed): PermutationTest {
  return isLattice(pairs) ? exactTest(pairs) : sampledTest(pairs, draws, seed);
}

function isLattice(pairs: readonly Pair[]): boolean {
  const first = pairs[0];
  return pairs.every(
    ({ before, after }) =>
      before.length === first?.before.length &&
      after.length === first.after.length &&
      [...before, ...after].every((reward) => reward === 0 || reward === 1),
  );
}

/** With equal attempts the difference depends only on the second side's total of passes. */
function exactTest(pairs: readonly Pair[]): PermutationTest {
  const [before, after] = [pairs[0]?.before.length ?? 0, pairs[0]?.after.length ?? 0];
  const totals = pairs.map((pair) => sum(pair.before) + sum(pair.after));
  let distribution: number[] = [1];
  for (const total of totals)
    distribution = convolve(distribution, hypergeometric(total, after, before + after));
  const all = sum(totals);
  const differenceAt = (passes: number): number => passes / after - (all - passes) / before;
  const observed = differenceAt(sum(pairs.map((pair) => sum(pair.after))));
  let [drop, twoSided] = [0, 0];
  distribution.forEach((chance, passes) => {
    const difference = differenceAt(passes);
    if (difference <= observed + tolerance) drop += chance;
    if (Math.abs(difference) >= Math.abs(observed) - tolerance) twoSided += chance;
  });
  return { method: 'exact', drop: Math.min(1, drop), twoSided: Math.min(1, twoSided) };
}

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const result = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((x, i) => {
    b.forEach((y, j) => (result[i + j] = (result[i + j] ?? 0) + x * y));
  });
  return result;
}

/** P(x passes among `drawn` of `whole` attempts, `passes` of which passed), for x = 0 .. drawn. */
function hypergeometric(passes: number, drawn: number, whole: number): number[] {
  const most = Math.min(drawn, passes);
  const chances = Array.from({ length: most + 1 }, (_, x) =>
    Math.exp(logChoose(passes, x) + logChoose(whole - passes, drawn - x) - logChoose(whole, drawn)),
  );
  return chances.map((chance) => (Number.isFinite(chance) ? chance : 0));
}

function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  let total = 0;
  for (let i = 1; i <= k; i += 1) total += Math.log((n - k + i) / i);
  return total;
}

function sampledTest(pairs: readonly Pair[], draws: number, seed: number): PermutationTest {
  const random = createRandom(seed);
  const varying = pairs
    .map(({ before, after }) => ({ values: Float64Array.from([...before, ...after]), split: before.length }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
  const observed = pairedDifference(pairs) * pairs.length;
  let [drops, extremes] = [0, 0];
  for (let draw = 0; draw < draws; draw += 1) {
    let difference = 0;
    for (const { values, split } of varying) {
      shuffle(values, random);
      difference += splitDifference(values, split);
    }
    if (difference <= observed + tolerance) drops += 1;
    if (Math.abs(difference) >= Math.abs(observed) - tolerance) extremes += 1;
  }
  return { method: 'monte-carlo', drop: (1 + drops) / (1 + draws), twoSided: (1 + extremes) / (1 + draws) };
}

function splitDifference(values: Float64Array, split: number): number {
  let [before, after] = [0, 0];
  for (let index = 0; index < values.length; index += 1) {
    if (index < split) before += values[index] ?? 0;
    else after += values[index] ?? 0;
  }
  return after / (values.length - split) - before / split;
}
