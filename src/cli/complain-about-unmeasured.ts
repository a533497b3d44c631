import { EnvironmentError } from '../base/errors.js';
import type { JobReport } from '../job/job.js';

/**
 * Trials that infrastructure broke for good leave a table that is not whole: the exit code says so.
 * `again` is the command that makes them again.
 */
export function complainAboutUnmeasured(
  reports: readonly Pick<JobReport, 'unmeasured'>[],
  again: string,
): void {
  const missing = reports.flatMap((report) => report.unmeasured);
  if (missing.length === 0) return;
  throw new EnvironmentError(`${missing.length} trials have no verdict: ${missing.slice(0, 5).join(', ')}`, {
    hint: `See exception.txt in their folders. ${again} makes them again.`,
  });
}
