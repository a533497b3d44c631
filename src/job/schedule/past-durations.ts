import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mean } from '../../base/number/mean.js';
import type { JobSummary } from '../../record/job-summary.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import type { JobModel } from '../job.js';
import type { PastDurations } from './expected-duration.js';
import { appendAll } from '../../base/append-all.js';

/** Past jobs that are used, and folders that are looked into for them, newest first: one of 445 trials takes half a second. */
const jobsUsed = 6;
const foldersRead = 12;

export interface PastOf {
  /** Folder that holds the recorded jobs. */
  readonly resultsDir: string;
  /** Folder of the job about to run, which is not its own past. */
  readonly jobDir: string;
  /** What answers in the job about to run; null for reference solutions and for doing nothing. */
  readonly model: JobModel | null;
  readonly tasks: ReadonlySet<string>;
}

/**
 * How long trials of these tasks took in the newest recorded jobs: those of the same model where there are any of the
 * task, else those of all models. Folders that are no jobs are passed over; an unreadable results folder is no past.
 */
export async function pastDurations(past: PastOf, signal: AbortSignal): Promise<PastDurations> {
  const jobs: JobSummary[] = [];
  for (const dir of (await newestFolders(past)).slice(0, foldersRead)) {
    signal.throwIfAborted();
    if (jobs.length >= jobsUsed) break;
    const read = await readJobFolder(dir, signal).catch(() => []);
    appendAll(
      jobs,
      read.filter((job) => isComparable(job, past.model)),
    );
  }
  const near = tookByTask(
    jobs.filter(({ model }) => model === past.model?.name),
    past.tasks,
  );
  const all = tookByTask(jobs, past.tasks);
  return new Map([...all].map(([task, took]) => [task, mean(near.get(task) ?? took)]));
}

/** A replay answers at once and a reference solution does not think: what they took says nothing of a served model. */
function isComparable({ model, modelKind }: JobSummary, wanted: JobModel | null): boolean {
  if (wanted === null) return modelKind === 'none';
  return model !== null && (modelKind ?? 'live') === wanted.kind;
}

async function newestFolders({ resultsDir, jobDir }: PastOf): Promise<string[]> {
  const entries = await readdir(resultsDir, { withFileTypes: true }).catch(() => []);
  const dirs = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(resultsDir, name));
  const dated = await Promise.all(
    dirs
      .filter((dir) => dir !== jobDir)
      .map(async (dir) => ({ dir, at: (await stat(dir).catch(() => null))?.mtimeMs ?? 0 })),
  );
  return dated.sort((a, b) => b.at - a.at).map(({ dir }) => dir);
}

/** Durations by task, in milliseconds; trials that infrastructure broke off say nothing. */
function tookByTask(jobs: readonly JobSummary[], tasks: ReadonlySet<string>): Map<string, number[]> {
  const took = new Map<string, number[]>();
  for (const { task, phasesMs, measured } of jobs.flatMap(({ trials }) => trials)) {
    const { total } = phasesMs;
    if (!measured || total === null || total <= 0 || !tasks.has(task)) continue;
    took.set(task, [...(took.get(task) ?? []), total]);
  }
  return took;
}
