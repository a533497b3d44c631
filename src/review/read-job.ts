import type { JobSummary } from '../record/job-summary.js';
import { readJobFolder } from '../results/read-job-folder.js';
import { auditJob } from './audit/audit-job.js';

/**
 * Reads a results folder of tbench, Harbor, mini-swe-agent or Terminal-Bench 1: one summary for each (agent, model,
 * dataset) found in it, usually one. The one way to read recorded jobs, for the command line, the library and the
 * viewer: verdicts of other harnesses are judged by the rules for our own. Corrupt files are listed in `problems` and
 * passed over. Throws `InputError` when the folder is missing or holds no trial.
 */
export async function readJob(dir: string, signal?: AbortSignal): Promise<JobSummary[]> {
  const jobs = await readJobFolder(dir, signal);
  return Promise.all(jobs.map((job) => auditJob(job, signal)));
}
