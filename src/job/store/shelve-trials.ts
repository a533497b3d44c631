import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrialResult } from '../../record/trial-result.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { jobPaths, trialPaths } from '../../results/layout.js';
import { readJson } from '../../results/read-file.js';
import { shelveEarlierTry } from '../../results/trial-store.js';
import { claimJob } from './job-claim.js';

/** Which trials of a job are meant: those that have one of the values in each part that is named. */
export interface TrialChoice {
  readonly ending: readonly string[];
  readonly blame: readonly string[];
  readonly verdict: readonly string[];
  readonly task: readonly string[];
  /** Attempts of a task that the next start makes: later ones would not be made again. */
  readonly attempts?: number;
}

/**
 * Puts the results of the trials that are meant aside, below their tries/, so that the next start of the job makes them again.
 * Returns their names. Throws `LockedError` when another process works on the job.
 */
export async function shelveTrials(dir: string, choice: TrialChoice): Promise<readonly string[]> {
  await using _claim = await claimJob(jobPaths(dir));
  const shelved: string[] = [];
  const entries = await readdir(dir, { withFileTypes: true });
  for (const { name } of entries
    .filter((entry) => entry.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const result = await readJson(dir, join(name, 'result.json'), trialResultSchema);
    if (result.kind !== 'value' || !isMeant(result.value, choice)) continue;
    await shelveEarlierTry(trialPaths(dir, name));
    shelved.push(name);
  }
  return shelved;
}

function isMeant({ tbench, integrity, task_name: fallback }: TrialResult, choice: TrialChoice): boolean {
  const has = (asked: readonly string[], value: string | null): boolean =>
    asked.length === 0 || asked.includes(value ?? 'none');
  return (
    tbench.attempt <= (choice.attempts ?? tbench.attempt) &&
    has(choice.ending, tbench.ending) &&
    has(choice.blame, tbench.blame) &&
    has(choice.verdict, integrity?.verdict ?? null) &&
    has(choice.task, tbench.task ?? fallback)
  );
}
