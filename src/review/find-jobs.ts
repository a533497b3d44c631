import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import type { JobSummary } from '../record/job-summary.js';
import { readBaseline } from '../results/baseline-file.js';
import { NoTrialError } from '../results/read-job-folder.js';
import { sideOfBaseline, sideOfJob, type ComparisonSide } from '../score/comparison/comparison-side.js';
import { addMetadata } from '../score/job/task-metadata.js';
import { findFolder } from './find-folder.js';
import { readJob } from './read-job.js';
import { readTaskMetadata } from './task-metadata.js';
import { tellApart } from './tell-apart.js';

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
 * The jobs of the given folders (paths, or names under `results`), in the order given, under names that tell them apart.
 * Among several, as a shell's `results/*` gives them, folders without a trial are passed over, and so is a folder
 * that was named before.
 */
export async function readJobs(names: readonly string[], lookup: JobLookup): Promise<JobSummary[]> {
  const { results, metadata, onPassedOver } = lookup;
  const jobs: JobSummary[] = [];
  const seen = new Set<string>();
  for (const name of names) {
    try {
      const folder = await findFolder(name, results);
      const real = await realpath(folder);
      if (seen.has(real)) onPassedOver?.(`${name} is a folder that was named before`);
      else for (const job of await readJob(folder)) jobs.push(job);
      seen.add(real);
    } catch (error) {
      if (!(error instanceof NoTrialError) || names.length === 1) throw error;
      onPassedOver?.(error.message);
    }
  }
  if (jobs.length === 0) throw new InputError('none of these folders holds a trial');
  const apart = tellApart(jobs);
  if (metadata === undefined) return apart;
  const table = await readTaskMetadata(metadata);
  return apart.map((job) => addMetadata(job, table));
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

/** One job a name, under names that tell them apart. */
export async function readOneJobEach(names: readonly string[], results: string): Promise<JobSummary[]> {
  const jobs: JobSummary[] = [];
  for (const name of names) jobs.push(await readOneJob(name, results));
  return tellApart(jobs);
}

/**
 * A baseline (a job folder, or a file of `tbench baseline save`) and a candidate as the sides of a comparison, under names
 * that tell them apart; and the jobs that were read for it.
 */
export async function readSides(
  baseline: string,
  candidate: string,
  results: string,
): Promise<{ before: ComparisonSide; after: ComparisonSide; jobs: JobSummary[] }> {
  const job = await readOneJob(candidate, results);
  const { side, job: other } = await readFileOrJob(baseline, results);
  const [before, after] = tellApart([
    { ...side, dir: other?.dir ?? resolve(baseline) },
    { ...sideOfJob(job), dir: job.dir },
  ]);
  return {
    before: before ?? side,
    after: after ?? sideOfJob(job),
    jobs: other === null ? [job] : [other, job],
  };
}

/** A baseline alone: a job folder, or a file of `tbench baseline save`. */
export async function readBaselineSide(name: string, results: string): Promise<ComparisonSide> {
  return (await readFileOrJob(name, results)).side;
}

async function readFileOrJob(
  name: string,
  results: string,
): Promise<{ side: ComparisonSide; job: JobSummary | null }> {
  const isFile = (await stat(name).catch(() => null))?.isFile() === true;
  if (isFile) return { side: sideOfBaseline(await readBaseline(name)), job: null };
  const job = await readOneJob(name, results);
  return { side: sideOfJob(job), job };
}
