import { percent } from '../../base/number/decimal.js';
import { plural } from '../../base/plural.js';
import type { ChangeRate, Repeatability } from '../../score/noise/repeatability.js';
import { printable } from '../text/text.js';

const tasksShown = 10;

/** How far the verdicts of a job repeat, in a few lines. */
export function renderRepeatability(name: string, found: Repeatability): string {
  const { all, faithful, unmeasured, tasks } = found;
  const shown = tasks
    .slice(0, tasksShown)
    .map(({ task, changed, replays }) => `${printable(task)} (${changed} of ${plural(replays, 'replay')})`);
  const more = tasks.length > tasksShown ? [`and ${tasks.length - tasksShown} more`] : [];
  return [
    `${printable(name)}: ${rateText(all)} had another verdict when their recorded turns were played again`,
    `  where every command printed what was recorded, so that the tests alone can differ: ${rateText(faithful)}`,
    ...(unmeasured === 0 ? [] : [`  ${plural(unmeasured, 'replay')} ended without a verdict`]),
    ...(shown.length === 0 ? [] : [`  verdict changed: ${[...shown, ...more].join(', ')}`]),
    '',
  ].join('\n');
}

function rateText({ changed, trials, share, interval }: ChangeRate): string {
  if (trials === 0) return 'no trial';
  return `${changed} of ${plural(trials, 'trial')} (${percent(share)} %, 95 %: ${percent(interval.low)} to ${percent(interval.high)} %)`;
}
