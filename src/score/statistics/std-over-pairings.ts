import { mean, sum } from '../../base/number/mean.js';
import { quantile, type Range } from './quantile.js';
import { createRandom, defaultSeed, shuffle } from './random.js';
import type { Rewards } from './rewards.js';

/**
 * The 5 to 95 % range of the population std over runs under random re-pairings of attempts into runs: how
 * much of a printed +- is the accident of file order. Monte Carlo, seeded. Null unless all tasks have the
 * same number (two or more) of attempts.
 */
export function repairingRange(tasks: readonly Rewards[], draws = 10_000, seed = defaultSeed): Range | null {
  const runs = tasks[0]?.length ?? 0;
  if (runs < 2 || tasks.some((rewards) => rewards.length !== runs)) return null;
  const random = createRandom(seed);
  const constant = sum(tasks.filter(isConstant).map(mean));
  const varying = tasks
    .filter((rewards) => !isConstant(rewards))
    .map((rewards) => Float64Array.from(rewards));
  const spreads = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    const totals = new Array<number>(runs).fill(constant);
    for (const rewards of varying) {
      shuffle(rewards, random);
      for (let run = 0; run < runs; run += 1) totals[run] = (totals[run] ?? 0) + (rewards[run] ?? 0);
    }
    spreads[draw] = stdOfDraw(totals) / tasks.length;
  }
  spreads.sort();
  return { low: quantile(spreads, 0.05), high: quantile(spreads, 0.95) };
}

function isConstant(rewards: Rewards): boolean {
  return rewards.every((reward) => reward === rewards[0]);
}

/** Population std in doubles: of ten thousand draws none needs its last digit. */
function stdOfDraw(totals: readonly number[]): number {
  const centre = totals.reduce((all, total) => all + total, 0) / totals.length;
  return Math.sqrt(totals.reduce((all, total) => all + (total - centre) ** 2, 0) / totals.length);
}
