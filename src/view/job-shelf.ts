import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { linkAbort, sleep } from '../base/deadline.js';
import { describeError } from '../base/errors.js';
import type { JobSummary } from '../record/job-summary.js';
import { findJobFolders } from '../review/find-job-folders.js';
import type { LiveJob } from '../review/live/live-job.js';
import { readLiveJob, type EventsRead } from '../review/live/read-live-job.js';
import { readJob } from '../review/read-job.js';
import type { JobScore } from '../score/job/job-score.js';
import { scoreJob } from '../score/job/score-job.js';

/** A job of the results folder, read and scored. */
export interface ShelvedJob {
  /** Its folder relative to the results, and which of its groups it is, where the folder mixes several. */
  readonly name: string;
  readonly dir: string;
  readonly summary: JobSummary;
  readonly score: JobScore;
  /** From events.jsonl; null for jobs that keep none. */
  readonly live: LiveJob | null;
  readonly isRunning: boolean;
}

/** A folder that holds a job which cannot be read, and why. */
export interface UnreadJob {
  readonly name: string;
  readonly problem: string;
}

/** The jobs of a results folder, read again when their files changed. */
export interface JobShelf {
  readonly root: string;
  /** Every job. With a patience, those that are read by then: the others are read on meanwhile. */
  all(patienceMs?: number): Promise<Shelf>;
  /** How many folders have been read since the shelf was opened: it grows while `all` reads on. */
  readonly reads: number;
  /** Folders of the jobs that ran when they were read last. */
  readonly running: readonly string[];
  /** Null for a name that no job has: names come from listings, so none leads out of the results. */
  find(name: string): Promise<ShelvedJob | null>;
}

interface Shelf {
  readonly jobs: readonly ShelvedJob[];
  readonly unread: readonly UnreadJob[];
  /** Folders of jobs that have not been read yet. */
  readonly waiting: readonly string[];
}

interface Shelved {
  readonly version: string;
  readonly jobs: readonly ShelvedJob[];
  readonly unread: readonly UnreadJob[];
}

/** What changes when a job does: of ours the events, of others the totals or the folder itself. */
const signs = [
  '.',
  'config.json',
  'result.json',
  'events.jsonl',
  'results.json',
  'preds.json',
  'process.lock',
];

export function openJobShelf(results: string): JobShelf {
  const root = resolve(results);
  const shelf = new Map<string, Shelved>();
  const events = new Map<string, EventsRead>();
  const reading = new Map<string, Promise<Shelved>>();
  let reads = 0;
  const read = async (folder: string): Promise<Shelved> => {
    const dir = join(root, folder);
    const live = await readLiveJob(dir, events.get(folder));
    if (live !== null) events.set(folder, live);
    const version = `${await versionOf(dir)} ${String(live?.isRunning)}`;
    const known = shelf.get(folder);
    if (known?.version === version) return known;
    const fresh = { version, ...(await readFolder(folder === '' ? basename(root) : folder, dir, live)) };
    shelf.set(folder, fresh);
    reads += 1;
    return fresh;
  };
  // Two pages that ask for the same job at once wait for one reading.
  const readOnce = (folder: string): Promise<Shelved> => {
    const under = reading.get(folder);
    if (under !== undefined) return under;
    const begun = read(folder).finally(() => reading.delete(folder));
    reading.set(folder, begun);
    return begun;
  };
  const readAll = async (folders: readonly string[]): Promise<void> => {
    for (const folder of folders) await readOnce(folder);
  };
  const isReadWithin = firstReading(readAll);
  return {
    root,
    get reads() {
      return reads;
    },
    get running() {
      const jobs = [...shelf.values()].flatMap((shelved) => shelved.jobs);
      return jobs.filter(({ isRunning }) => isRunning).map(({ dir }) => dir);
    },
    all: async (patienceMs = Number.POSITIVE_INFINITY) => {
      const folders = await findJobFolders(root);
      if (await isReadWithin(folders, patienceMs)) await readAll(folders);
      const shelved = folders.flatMap((folder) => shelf.get(folder) ?? []);
      return {
        jobs: shelved.flatMap(({ jobs }) => jobs),
        unread: shelved.flatMap(({ unread }) => unread),
        waiting: folders.filter((folder) => !shelf.has(folder)),
      };
    },
    find: async (name) => {
      for (const folder of await findJobFolders(root)) {
        const isIt =
          (folder === '' ? basename(root) : folder) === name.replace(/@\d+$/, '') || folder === name;
        if (!isIt) continue;
        const job = (await readOnce(folder)).jobs.find((one) => one.name === name);
        if (job !== undefined) return job;
      }
      return null;
    },
  };
}

/** The first reading of hundreds of jobs takes seconds; whoever is impatient meanwhile does not begin another one. */
function firstReading(readAll: (folders: readonly string[]) => Promise<void>) {
  let first: Promise<void> | null = null;
  return async (folders: readonly string[], patienceMs: number): Promise<boolean> => {
    if (patienceMs === Number.POSITIVE_INFINITY) return true;
    first ??= readAll(folders).catch((error: unknown) => {
      first = null;
      throw error;
    });
    return isOverWithin(first, patienceMs);
  };
}

async function isOverWithin(work: Promise<void>, ms: number): Promise<boolean> {
  using patience = linkAbort();
  const late = sleep(ms, patience.signal).then(
    () => false,
    () => true,
  );
  const isOver = await Promise.race([work.then(() => true), late]);
  patience.abort();
  return isOver;
}

async function readFolder(
  name: string,
  dir: string,
  live: EventsRead | null,
): Promise<Pick<Shelved, 'jobs' | 'unread'>> {
  try {
    const summaries = await readJob(dir);
    const jobs = summaries.map((summary, index): ShelvedJob => ({
      name: index === 0 ? name : `${name}@${index + 1}`,
      dir,
      summary,
      score: scoreJob(summary),
      live: live?.job ?? null,
      isRunning: live?.isRunning ?? false,
    }));
    return { jobs, unread: [] };
  } catch (error) {
    // A stranger's folder that breaks a reader costs that job, not the page.
    return { jobs: [], unread: [{ name, problem: describeError(error) }] };
  }
}

async function versionOf(dir: string): Promise<string> {
  const stamps = await Promise.all(
    signs.map((name) =>
      stat(join(dir, name)).then(
        ({ size, mtimeMs }) => `${size}/${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return stamps.join(' ');
}
