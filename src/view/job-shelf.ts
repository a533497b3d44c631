import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
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
  all(): Promise<{ readonly jobs: readonly ShelvedJob[]; readonly unread: readonly UnreadJob[] }>;
  /** Null for a name that no job has: names come from listings, so none leads out of the results. */
  find(name: string): Promise<ShelvedJob | null>;
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
  const read = async (folder: string): Promise<Shelved> => {
    const dir = join(root, folder);
    const live = await readLiveJob(dir, events.get(folder));
    if (live !== null) events.set(folder, live);
    const version = `${await versionOf(dir)} ${String(live?.isRunning)}`;
    const known = shelf.get(folder);
    if (known?.version === version) return known;
    const fresh = { version, ...(await readFolder(folder === '' ? basename(root) : folder, dir, live)) };
    shelf.set(folder, fresh);
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
  const readAll = async (): Promise<Shelved[]> => {
    const all: Shelved[] = [];
    for (const folder of await findJobFolders(root)) all.push(await readOnce(folder));
    return all;
  };
  return {
    root,
    all: async () => {
      const shelved = await readAll();
      return {
        jobs: shelved.flatMap(({ jobs }) => jobs),
        unread: shelved.flatMap(({ unread }) => unread),
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
