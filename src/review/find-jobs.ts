import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import type { JobSummary } from '../record/job-summary.js';
import { readBaseline } from '../results/baseline-file.js';
import { NoTrialError } from '../results/read-job-folder.js';
import { sideOfBaseline, sideOfJob, type ComparisonSide } from '../score/comparison/comparison-side.js';
import { addMetadata } from '../score/job/task-metadata.js';
import { readJob } from './read-job.js';
import { readTaskMetadata } from './task-metadata.js';

/** Where jobs are looked up by name, and what is added to them. */
export interface JobLookup {
  /** Folder that holds the jobs; a name that is a path of its own wins. */
  readonly results: string;
  /** Folder or JSON list of tasks, for jobs that record no difficulty and category. */
  readonly metadata?: string | undefined;
  /** Told why one of several folders is passed over. */
  readonly onPassedOver?: (reason: string) => void;
}

/**
 * The jobs of the given folders (paths, or names under `results`), in the order given. Among several, as a shell's
 * `results/*` gives them, folders without a trial are passed over.
 */
export async function readJobs(names: readonly string[], lookup: JobLookup): Promise<JobSummary[]> {
  const { results, metadata, onPassedOver } = lookup;
  const jobs: JobSummary[] = [];
  for (const name of names) {
    try {
      jobs.push(...(await readJob(await findFolder(name, results))));
    } catch (error) {
      if (!(error instanceof NoTrialError) || names.length === 1) throw error;
      onPassedOver?.(error.message);
    }
  }
  if (jobs.length === 0) throw new InputError('none of these folders holds a trial');
  if (metadata === undefined) return jobs;
  const table = await readTaskMetadata(metadata);
  return jobs.map((job) => addMetadata(job, table));
}

/** Exactly one job. Throws `InputError` for a folder that mixes models, agents or datasets. */
export async function readOneJob(name: string, results: string): Promise<JobSummary> {
  const jobs = await readJob(await findFolder(name, results));
  const [job] = jobs;
  if (job === undefined || jobs.length > 1) {
    throw new InputError(`${name} mixes ${jobs.length} models, agents or datasets in one folder`, {
      hint: `They are: ${jobs.map((entry) => entry.name).join('; ')}. Compare jobs of one each.`,
    });
  }
  return job;
}

/** A job folder, or a file of `tbench baseline save`, as one side of a comparison. */
export async function readSide(name: string, results: string): Promise<ComparisonSide> {
  const isFile = (await stat(name).catch(() => null))?.isFile() === true;
  return isFile ? sideOfBaseline(await readBaseline(name)) : sideOfJob(await readOneJob(name, results));
}

/** The folder of a name: the path itself, else that name under `results` where there is one. */
export async function findFolder(name: string, results: string): Promise<string> {
  const nested = join(results, name);
  return !(await exists(name)) && (await exists(nested)) ? nested : name;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
