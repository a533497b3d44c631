import { join } from 'node:path';
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

const problemsTold = 5;

/** Names on stderr what could not be read of jobs, for output that has no place for it. */
export function tellProblems(jobs: readonly JobSummary[]): void {
  const lines = jobs.flatMap(({ problems }) =>
    problems.map(({ path, message }) => `${join(path)} ${message}`),
  );
  for (const line of lines.slice(0, problemsTold)) tell(`problem: ${line}`);
  if (lines.length > problemsTold)
    tell(`and ${lines.length - problemsTold} more problems, which tbench score --json lists`);
}
