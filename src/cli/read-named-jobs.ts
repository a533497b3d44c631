import type { JobSummary } from '../record/job-summary.js';
import { readJobs } from '../review/find-jobs.js';
import { tell } from './tell.js';

/** The jobs that a command's arguments name; folders without a trial are told of on stderr. */
export function readNamedJobs(
  names: readonly string[],
  flags: { readonly results: string; readonly metadata?: string | undefined },
): Promise<JobSummary[]> {
  const { results, metadata } = flags;
  return readJobs(names, { results, metadata, onPassedOver: (reason) => tell(`passed over: ${reason}`) });
}
