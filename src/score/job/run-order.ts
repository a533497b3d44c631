import type { TrialSummary } from '../../record/trial-summary.js';
import { apfsKey } from './apfs-order.js';

/**
 * How attempts are dealt to runs. `attempt` is the recorded number; the others order the attempts of a task by
 * something else: start time then name (the default for foreign records, which number nothing), name, or the
 * order in which a Mac lists the folder (which is how the published Terminal-Bench 2.0 spreads came about).
 */
export const runOrders = ['attempt', 'started-at', 'name', 'apfs'] as const;
export type RunOrder = (typeof runOrders)[number];

/** `attempt` when every trial has a number, else `started-at`. */
export function naturalOrder(trials: readonly TrialSummary[]): RunOrder {
  return trials.every((trial) => trial.attempt !== null) ? 'attempt' : 'started-at';
}

/** One task's trials, placed: `run` is 1-based. */
export interface PlacedTrial {
  readonly run: number;
  readonly trial: TrialSummary;
}

/** Deals the trials of one task to runs. By attempt a run may be missing; otherwise runs are 1..k. */
export function placeTrials(trials: readonly TrialSummary[], order: RunOrder): PlacedTrial[] {
  const ordered = [...trials].sort((a, b) => comparators[order](a, b) || byName(a, b));
  if (order !== 'attempt') return ordered.map((trial, index) => ({ run: index + 1, trial }));
  return ordered.map((trial, index) => ({ run: trial.attempt ?? index + 1, trial }));
}

const comparators: Readonly<Record<RunOrder, (a: TrialSummary, b: TrialSummary) => number>> = {
  attempt: (a, b) => (a.attempt ?? 0) - (b.attempt ?? 0),
  'started-at': (a, b) => startOf(a) - startOf(b),
  name: byName,
  apfs: (a, b) => apfsKey(a.name) - apfsKey(b.name),
};

function startOf(trial: TrialSummary): number {
  return trial.startedAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(trial.startedAt);
}

function byName(a: TrialSummary, b: TrialSummary): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
