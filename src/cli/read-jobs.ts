import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/errors.js';
import type { JobSummary } from '../record/job-summary.js';
import { readBaseline } from '../results/baseline-file.js';
import { NoTrialError, readJob } from '../results/read-job.js';
import { sideOfBaseline, sideOfJob, type Side } from '../score/comparison/side.js';
import { auditJob } from '../review/audit-foreign.js';
import { addMetadata } from '../score/job/task-metadata.js';
import { readTaskMetadata } from '../review/task-metadata.js';

/**
 * The jobs of the given folders (paths, or names under `results/`), in the order given. Among several, as a shell's
 * `results/*` gives them, folders without a trial are passed over with a line on stderr.
 */
export async function readJobs(
  names: readonly string[],
  options: { readonly results: string; readonly metadata?: string | undefined },
): Promise<JobSummary[]> {
  const jobs: JobSummary[] = [];
  for (const name of names) {
    try {
      jobs.push(...(await readAudited(jobDir(name, options.results))));
    } catch (error) {
      if (!(error instanceof NoTrialError) || names.length === 1) throw error;
      process.stderr.write(`passed over: ${error.message}\n`);
    }
  }
  if (jobs.length === 0) throw new InputError('none of these folders holds a trial');
  const { metadata } = options;
  if (metadata === undefined) return jobs;
  const table = await readTaskMetadata(metadata);
  return jobs.map((job) => addMetadata(job, table));
}

/** The tables of published numbers that ship with tbench. */
export const publishedDir = fileURLToPath(new URL('../../results/published', import.meta.url));

/** Exactly one job, for commands that work on one. */
export async function readOneJob(name: string, results: string): Promise<JobSummary> {
  const jobs = await readAudited(jobDir(name, results));
  const [job] = jobs;
  if (job === undefined || jobs.length > 1) {
    throw new InputError(`${name} mixes ${jobs.length} models, agents or datasets in one folder`, {
      hint: `They are: ${jobs.map((entry) => entry.name).join('; ')}. Compare jobs of one each.`,
    });
  }
  return job;
}

/** A job folder, or a file of `tbench baseline save`, as one side of a comparison. */
export async function readSide(name: string, results: string): Promise<Side> {
  const isFile = statSync(name, { throwIfNoEntry: false })?.isFile() === true;
  return isFile ? sideOfBaseline(await readBaseline(name)) : sideOfJob(await readOneJob(name, results));
}

async function readAudited(dir: string): Promise<JobSummary[]> {
  return Promise.all((await readJob(dir)).map(auditJob));
}

export function jobDir(name: string, results: string): string {
  const nested = join(results, name);
  return !existsSync(name) && existsSync(nested) ? nested : name;
}
