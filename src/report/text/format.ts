import { decimal, percent } from '../../base/number/decimal.js';

/** What a headline is made of. */
interface Headline {
  readonly mean: number;
  readonly std: number;
  readonly runs: readonly unknown[];
  readonly coverage: Measured;
}

/** Trials that were measured, of those that were planned. */
interface Measured {
  readonly measured: number;
  readonly planned: number;
}

/**
 * `mean ± std` in percent, ± as src/score/plus-minus.ts defines it; left out where there is only one run. `–` where
 * nothing was measured: no number can be given then.
 */
export function meanAndStd({ mean, std, runs, coverage }: Headline): string {
  if (coverage.measured === 0) return '–';
  return runs.length < 2 ? percent(mean) : `${percent(mean)} ± ${percent(std)}`;
}

/** The same with ` (14/24)` behind it where the job is not whole, for places without a column that says so. */
export function markedMean(score: Headline): string {
  return meanAndStd(score) + partMark(score.coverage);
}

/** ` (14/24)` where not everything planned was measured, else nothing. */
export function partMark({ measured, planned }: Measured): string {
  return measured === planned ? '' : ` (${measured}/${planned})`;
}

/** `1` and `0`, two decimals of partial credit, `?` where the tests gave no verdict. */
export function rewardMark(reward: number | null): string {
  if (reward === null) return '?';
  return Number.isInteger(reward) ? String(reward) : decimal(reward, 2);
}

/** 1234 as `1.2 k`, 280350184 as `280.4 M`. */
export function quantity(value: number): string {
  const units: readonly [number, string][] = [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ];
  const unit = units.find(([size]) => value >= size);
  return unit === undefined ? String(Math.round(value)) : `${decimal(value / unit[0], 1)}${unit[1]}`;
}

/** Milliseconds as `45 s`, `12.5 min` or `3.1 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 90_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 5_400_000) return `${decimal(ms / 60_000, 1)} min`;
  return `${decimal(ms / 3_600_000, 1)} h`;
}

/** `{a: 3, b: 1}` as `a 3, b 1`. */
export function tallyText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
