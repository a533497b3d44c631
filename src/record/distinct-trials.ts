import { basename } from 'node:path';
import type { Problem } from './job-summary.js';
import type { TrialSummary } from './trial-summary.js';

/** Trials that each count once, and the copies among them that do not. */
export interface DistinctTrials {
  readonly trials: readonly TrialSummary[];
  readonly problems: readonly Problem[];
}

/**
 * One trial for each id: a folder that was copied is no second attempt. The one that lies in the folder of its own name
 * is kept, else the first.
 */
export function distinctTrials(trials: readonly TrialSummary[]): DistinctTrials {
  const kept = new Map<string, TrialSummary>();
  for (const trial of trials) {
    const key = keyOf(trial);
    if (key === null) continue;
    const known = kept.get(key);
    if (known === undefined || (!isAtHome(known) && isAtHome(trial))) kept.set(key, trial);
  }
  const isCopy = (trial: TrialSummary): boolean => originalOf(trial) !== trial;
  const originalOf = (trial: TrialSummary): TrialSummary => kept.get(keyOf(trial) ?? '') ?? trial;
  return {
    trials: trials.filter((trial) => !isCopy(trial)),
    problems: trials.filter(isCopy).map((trial) => ({
      path: trial.dir ?? trial.name,
      message: `is the same trial as ${originalOf(trial).dir ?? originalOf(trial).name}: counted once`,
    })),
  };
}

function keyOf({ id, task }: TrialSummary): string | null {
  return id === null || id === '' ? null : JSON.stringify([id, task]);
}

function isAtHome({ dir, name }: TrialSummary): boolean {
  return dir !== null && basename(dir) === name;
}
