import { SignWalk } from './sign-walk.js';
import { greatest } from '../../base/number/extremes.js';

export interface SequentialOptions {
  /** Largest true drop that must not be called a regression more often than `alpha`; a fraction of 1. */
  readonly maxDrop: number;
  readonly alpha: number;
  /** True drop that must not be called harmless more often than `miss`; above `maxDrop`. */
  readonly findDrop: number;
  readonly miss: number;
}

/** `go-on` while neither side is shown; at the end of the budget that is "cannot tell". */
export type SequentialVerdict = 'regression' | 'no-regression' | 'go-on';

/** What one look at the pairs so far says. */
export interface Look {
  readonly verdict: SequentialVerdict;
  /** Share of the budget that was looked at. */
  readonly share: number;
  readonly pairs: number;
  /** Mean over the pairs of baseline less candidate. */
  readonly drop: number;
  /** The drop from which on this look says regression, and the one up to which it says none; null where none does. */
  readonly redFrom: number | null;
  readonly greenTo: number | null;
}

/** Rewards are judged in hundredths once one is neither pass nor failure. */
const hundredths = 100;

/**
 * A paired test that may be looked at after every block and stopped at once, by alpha and beta spending (Lan and DeMets
 * 1983, with the power family alpha t^2 of Kim and DeMets 1987, t the share of the budget looked at; the lower
 * boundary is non-binding). A pair is a baseline's and a candidate's attempt at the same task, in an order fixed
 * beforehand. If nothing changed, which of two unlike rewards is the baseline's is a fair coin whatever the task's
 * solve rate (McNemar 1947), so the sum of differences is a random walk and its chance to cross a boundary is computed
 * exactly. Under a true drop d the coin falls with (1 + d / m) / 2 to the baseline's side, m the mean size of the
 * differences so far; where fewer pairs differ than a drop of `findDrop` alone makes, each pair, alike or not, is one that
 * falls with chance d, so that two sides that always end alike are told from it too. "Regression" when the sum is improbably high for no change and for a drop of `maxDrop`, "no
 * regression" when it is improbably low for a drop of `findDrop`.
 */
export class SequentialTest {
  private readonly reds: readonly SpendingWalk[];
  private readonly green: SpendingWalk;
  /** Differences are counted in units of 1 / `parts`. */
  private parts = 1;
  private pairs = 0;
  private sum = 0;
  private sizes = 0;

  constructor(options: SequentialOptions) {
    const drops = options.maxDrop === 0 ? [0] : [0, options.maxDrop];
    this.reds = drops.map((drop) => ({ drop, level: options.alpha, walk: new SignWalk(), spent: 0 }));
    this.green = { drop: options.findDrop, level: options.miss, walk: new SignWalk(), spent: 0 };
  }

  /** Takes a block of differences, baseline less candidate, each in [-1, 1], and looks; `share` of the budget in all. */
  look(block: readonly number[], share: number): Look {
    if (this.parts === 1 && block.some((difference) => !Number.isInteger(difference))) this.refine();
    const units = block.map((difference) => Math.round(difference * this.parts));
    this.pairs += units.length;
    for (const size of units) {
      this.sum += size;
      this.sizes += Math.abs(size);
    }
    const meanSize = this.sizes / this.pairs / this.parts;
    const { walk: green, drop: findDrop } = this.green;
    const isSparse = meanSize < findDrop;
    for (const { walk, drop } of isSparse ? this.reds : [...this.reds, this.green]) {
      const chance = Math.min(1, (1 + drop / meanSize) / 2);
      for (const size of units) if (size !== 0) walk.step(Math.abs(size), chance);
    }
    if (isSparse) for (const _ of units) green.step(this.parts, findDrop, 0);
    return this.judge(Math.min(1, share));
  }

  private judge(share: number): Look {
    const spendable = ({ level, spent }: SpendingWalk): number => level * share ** 2 - spent;
    const highs = this.reds.map((red) => red.walk.highest(spendable(red)));
    this.reds.forEach((red, index) => {
      red.spent += red.walk.leave(Number.NEGATIVE_INFINITY, highs[index] ?? Number.POSITIVE_INFINITY).above;
    });
    const high = greatest(highs);
    const low = Math.min(this.green.walk.lowest(spendable(this.green)), high - 1);
    this.green.spent += this.green.walk.leave(low, high).below;
    const inPoints = (sum: number): number | null =>
      Number.isFinite(sum) && this.pairs > 0 ? sum / (this.parts * this.pairs) : null;
    return {
      verdict: this.sum >= high ? 'regression' : this.sum <= low ? 'no-regression' : 'go-on',
      share,
      pairs: this.pairs,
      drop: this.pairs === 0 ? 0 : this.sum / (this.parts * this.pairs),
      redFrom: inPoints(high),
      greenTo: inPoints(low),
    };
  }

  private refine(): void {
    for (const { walk } of [...this.reds, this.green]) walk.refine(hundredths);
    this.parts = hundredths;
    this.sum *= hundredths;
    this.sizes *= hundredths;
  }
}

/** The walk under one true drop, and how much of its error it has spent. */
interface SpendingWalk {
  readonly drop: number;
  readonly level: number;
  readonly walk: SignWalk;
  spent: number;
}
