import { decimal, percent } from '../../base/number/decimal.js';

/** `mean ± std` in percent, ± as src/score/plus-minus.ts defines it; left out where there is only one run. */
export function meanAndStd(score: {
  readonly mean: number;
  readonly std: number;
  readonly runs: readonly unknown[];
}): string {
  if (score.runs.length === 0) return '–';
  return score.runs.length < 2 ? percent(score.mean) : `${percent(score.mean)} ± ${percent(score.std)}`;
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
