import { plural } from '../../base/plural.js';
import { printable } from './text.js';

/** What `tbench regrade` found; its `--json`. Rewards are null where there is no verdict, or where the tests were not run again. */
export interface RegradeFound {
  readonly job: string;
  /** The job of the regraded trials; null when none could be. */
  readonly regraded: string | null;
  readonly trials: readonly {
    readonly trial: string;
    readonly action: 'reuse' | 'regrade' | 'rerun';
    readonly reason: string;
    readonly recorded: number | null;
    readonly regraded: number | null;
  }[];
}

const shownTrials = 10;

/** What became of the trials, what the tests say otherwise now, and which comparison holds. */
export function renderRegrade({ job, regraded, trials }: RegradeFound): string {
  const lines: string[] = [];
  for (const action of ['regrade', 'reuse', 'rerun'] as const) {
    const reasons = new Map<string, string[]>();
    for (const { trial, reason } of trials.filter((one) => one.action === action))
      reasons.set(reason, [...(reasons.get(reason) ?? []), trial]);
    for (const [reason, names] of reasons)
      lines.push(`${action}: ${plural(names.length, 'trial')}: ${printable(reason)} (${listed(names)})`);
  }
  const changed = trials.filter(
    ({ action, recorded, regraded: now }) => action === 'regrade' && now !== null && now !== recorded,
  );
  for (const { trial, recorded, regraded: now } of changed.slice(0, shownTrials))
    lines.push(`${printable(trial)}: ${recorded ?? 'no verdict'} was recorded, ${now ?? ''} now`);
  if (changed.length > shownTrials) lines.push(`and ${changed.length - shownTrials} more (--json)`);
  if (regraded !== null) {
    if (changed.length === 0) lines.push('no verdict changed');
    lines.push(
      `${printable(regraded)} holds the regraded trials. Trial by trial it differs from ${printable(job)} by the tests alone;`,
      'with jobs that were run on the new tasks it shares the tests, and with those on the old ones nothing but the agent.',
    );
  }
  return `${lines.join('\n')}\n`;
}

function listed(names: readonly string[]): string {
  const more = names.length > shownTrials ? `, and ${names.length - shownTrials} more` : '';
  return `${names.slice(0, shownTrials).map(printable).join(', ')}${more}`;
}
