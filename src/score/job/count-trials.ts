import { isPass, type TrialSummary } from '../../record/trial-summary.js';
import type { Counts } from './job-score.js';

/** Trials by error, ending, blame, verifier status and verdict; what a record does not say is left out, except endings. */
export function countTrials(trials: readonly TrialSummary[]): Counts {
  return {
    errors: tally(trials, (trial) => trial.errorType),
    endings: tally(trials, (trial) => trial.ending ?? 'unrecorded'),
    endingPasses: tally(trials.filter(isPass), (trial) => trial.ending ?? 'unrecorded'),
    endingsInferred: trials.filter((trial) => trial.endingInferred).length,
    blames: tally(trials, (trial) => trial.blame),
    statuses: tally(trials, (trial) => trial.status),
    verdicts: tally(trials, (trial) => trial.verdict),
  };
}

/** Counts by key, most frequent first, then by name; null keys are not counted. */
function tally(
  trials: readonly TrialSummary[],
  key: (trial: TrialSummary) => string | null,
): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const trial of trials) {
    const name = key(trial);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return Object.fromEntries(ordered);
}
