import { decimal, percent } from '../../base/number/decimal.js';
import { greatest } from '../../base/number/extremes.js';
import { plural } from '../../base/plural.js';
import type { AtSpeed } from '../../score/noise/at-speed.js';
import type { ResourceDoubt } from '../../score/noise/resource-doubt.js';
import { tallyText } from '../text/format.js';
import { printable } from '../text/text.js';
import { renderGrid } from '../text/grid.js';

/** One line on the trials that more headroom might have ended otherwise; empty where there are none. */
export function renderDoubt(name: string, doubt: ResourceDoubt): string {
  if (doubt.trials.length === 0) return '';
  const without =
    doubt.meanWithout === null
      ? 'no trial is left without them'
      : `mean ${percent(doubt.mean)} % with them, ${percent(doubt.meanWithout)} % without (${plural(doubt.tasksLeft, 'task')} left)`;
  const reasons = tallyText(doubt.counts);
  return `${printable(name)}: ${plural(doubt.trials.length, 'trial')} in doubt: with more headroom they might have ended otherwise (${reasons}); ${without}\n`;
}

/** Score against assumed tokens per second. */
export function renderAtSpeed(rows: readonly AtSpeed[], recorded: number | null, width: number): string {
  const grid = renderGrid(
    columns,
    rows.map((row) => [
      decimal(row.tokensPerSecond, 1),
      percent(row.low),
      percent(row.high),
      String(row.cutOff),
      String(row.setFree),
      String(row.unknown),
    ]),
    width,
  );
  const note =
    recorded === null
      ? 'the recorded speed is not known'
      : `recorded: ${decimal(recorded, 1)} tokens/s over all trials`;
  const totals = Math.max(0, greatest(rows.map((row) => row.byTotals)));
  const judged = totals === 0 ? '' : `; ${plural(totals, 'trial')} by totals, without turns`;
  return `${grid}\n${note}; commands keep their recorded time; what turns that were never made would have done is not known, hence low and high${judged}\n`;
}

const columns = [
  { title: 'tokens/s', align: 'right' },
  { title: 'low %', align: 'right' },
  { title: 'high %', align: 'right' },
  { title: 'cut off', align: 'right' },
  { title: 'set free', align: 'right' },
  { title: 'unknown', align: 'right' },
] as const;
