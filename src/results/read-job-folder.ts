import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { groupTrials } from './group-trials.js';
import {
  harborJobConfigSchema,
  harborJobResultSchema,
  lockedTasksSchema,
} from './formats/harbor/harbor-schema.js';
import type { JobSummary, Problem } from '../record/job-summary.js';
import { readMiniSweAgent } from './formats/read-mini-swe-agent.js';
import { readJson, type FolderListing } from './read-file.js';
import { readTerminalBench1 } from './formats/read-terminal-bench-1.js';
import { readTrial, type TrialRead } from './formats/harbor/read-trial.js';
import { appendAll } from '../base/append-all.js';

/** Trials whose files are open at once. */
const trialsAtOnce = 32;

/** A file or folder that is there but is no job's. */
export class NoTrialError extends InputError {}

/**
 * Reads a results folder of tbench, Harbor (any version of 2026), mini-swe-agent or Terminal-Bench 1. A
 * folder that mixes models, agents or datasets gives one summary each. Corrupt and foreign files are listed
 * in `problems` and skipped. Throws `InputError` when the folder is missing or holds no trial at all.
 */
export async function readJobFolder(dir: string, signal?: AbortSignal): Promise<JobSummary[]> {
  const listing = await listFolder(dir);
  if (listing.files.includes('results.json') || listing.files.includes('run_metadata.json')) {
    return [await readTerminalBench1(listing)];
  }
  if (listing.files.some((name) => name === 'preds.json' || name.endsWith('.traj.json'))) {
    return [await readMiniSweAgent(listing)];
  }
  const jobs = await readHarborJob(listing, signal);
  if (jobs.length > 0) return jobs;
  if (await hasNestedTrajectory(listing)) return [await readMiniSweAgent(listing)];
  throw new NoTrialError(`no trial found in ${dir}`, {
    hint: 'Name the folder of one job: it holds a folder a trial, each with a result.json.',
  });
}

async function listFolder(dir: string): Promise<FolderListing> {
  const path = resolve(dir);
  const entries = await readdir(path, { withFileTypes: true }).catch(async (error: unknown) => {
    const isFile = (await stat(path).catch(() => null))?.isFile() === true;
    if (isFile) throw new NoTrialError(`${dir} is a file, not a job folder`);
    throw new InputError(`no job folder at ${dir}`, { cause: error });
  });
  const names = (keep: (entry: (typeof entries)[number]) => boolean): string[] =>
    entries
      .filter(keep)
      .map((entry) => entry.name)
      .sort();
  return {
    path,
    files: names((entry) => entry.isFile()),
    folders: names((entry) => entry.isDirectory() && !entry.name.startsWith('.')),
  };
}

async function readHarborJob(listing: FolderListing, signal: AbortSignal | undefined): Promise<JobSummary[]> {
  const reads: { name: string; read: TrialRead }[] = [];
  for (let first = 0; first < listing.folders.length; first += trialsAtOnce) {
    signal?.throwIfAborted();
    const names = listing.folders.slice(first, first + trialsAtOnce);
    const some = names.map(async (name) => ({ name, read: await readTrial(join(listing.path, name)) }));
    appendAll(reads, await Promise.all(some));
  }
  if (reads.every(({ read }) => read.incomplete) && !listing.files.includes('config.json')) return [];
  const config = await readJson(listing.path, 'config.json', harborJobConfigSchema);
  const result = await readJson(listing.path, 'result.json', harborJobResultSchema);
  const problems: Problem[] = [config, result].flatMap((read) =>
    read.kind === 'problem' ? [read.problem] : [],
  );
  const isDone = result.kind === 'value' && result.value.finished_at != null;
  return groupTrials({
    dir: listing.path,
    folderName: basename(listing.path),
    config: config.kind === 'value' ? config.value : null,
    result: result.kind === 'value' ? result.value : null,
    lockedTasks: isDone ? null : await readLockedTasks(listing.path),
    reads,
    problems,
  });
}

/** What a job that is not over has planned, as Harbor keeps it beside its configuration. */
async function readLockedTasks(dir: string): Promise<readonly string[] | null> {
  const lock = await readJson(dir, 'lock.json', lockedTasksSchema);
  return lock.kind === 'value' ? [...new Set(lock.value.trials.map(({ task }) => task.name))] : null;
}

async function hasNestedTrajectory(listing: FolderListing): Promise<boolean> {
  for (const name of listing.folders) {
    const file = await lstat(join(listing.path, name, `${name}.traj.json`)).catch(() => null);
    if (file?.isFile() === true) return true;
  }
  return false;
}
