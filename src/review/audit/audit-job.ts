import pLimit from 'p-limit';
import type { JobSummary } from '../../record/job-summary.js';
import { testsRan } from '../../record/outcome.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import { auditForeign } from './audit-foreign.js';
import { keepsReports, readForeignTrial } from './foreign-evidence.js';

/** Trials whose files are open at once. */
const trialsAtOnce = 8;

/**
 * Judges the verdicts of a foreign job by the rules for our own: a 0 whose tests never ran is not measured, a
 * pass without a report is suspect. Rewards stay as recorded, so the headline is what upstream computes.
 */
export async function auditJob(job: JobSummary, signal?: AbortSignal): Promise<JobSummary> {
  if (job.format !== 'harbor') return job;
  const limit = pLimit(trialsAtOnce);
  const reports = await keepsReports(job.trials);
  const audit = async (trial: TrialSummary): Promise<TrialSummary> => {
    signal?.throwIfAborted();
    // A trial of several steps has its tests in them.
    if (trial.status !== null || trial.steps !== undefined) return trial;
    const { status, verdict } = auditForeign(await readForeignTrial(trial), reports);
    return { ...trial, status, verdict, measured: trial.measured && testsRan(status) };
  };
  return { ...job, trials: await Promise.all(job.trials.map((trial) => limit(audit, trial))) };
}
