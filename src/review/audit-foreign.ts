import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { JobSummary } from '../record/job-summary.js';
import type { TrialSummary } from '../record/trial-summary.js';
import { auditForeign, type ForeignTrial } from './audit.js';
import { parseCtrf } from '../verifier/tests/ctrf.js';

const trialsAtOnce = 32;
const mostOfOutput = 256 * 1024;
const mostOfReport = 4 * 1024 * 1024;

/**
 * Judges the verdicts of a foreign job by the rules for our own: a 0 whose tests never ran is not measured, a
 * pass without a report is suspect. Rewards stay as recorded, so the headline is what upstream computes.
 */
export async function auditJob(job: JobSummary): Promise<JobSummary> {
  if (job.format !== 'harbor') return job;
  const evidence: ForeignTrial[] = [];
  for (const trial of job.trials) {
    if (evidence.length % trialsAtOnce === 0) await yieldToOthers();
    evidence.push(readEvidence(trial));
  }
  const keepsReports = evidence.some((trial) => trial.ctrf !== null);
  return {
    ...job,
    trials: job.trials.map((trial, index) => {
      const seen = evidence[index];
      if (seen === undefined || trial.status !== null) return trial;
      const { status, verdict } = auditForeign(seen, keepsReports);
      return {
        ...trial,
        status,
        verdict,
        measured: trial.measured && (status === null || status === 'completed'),
      };
    }),
  };
}

/** The report, and the output only where the report does not already show that tests ran. */
export function readEvidence({ dir, reward }: Pick<TrialSummary, 'dir' | 'reward'>): ForeignTrial {
  if (dir === null) return { reward, ctrf: null, testStdout: null };
  const ctrf = readStart(join(dir, 'verifier', 'ctrf.json'), mostOfReport);
  const ran = ctrf !== null && (parseCtrf(ctrf)?.tests ?? 0) > 0;
  const testStdout = ran ? null : readStart(join(dir, 'verifier', 'test-stdout.txt'), mostOfOutput);
  return { reward, ctrf, testStdout };
}

/** The first bytes of a file as text; null when there is none. */
function readStart(path: string, limitBytes: number): string | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(file).size, limitBytes));
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return null;
  } finally {
    closeSync(file);
  }
}
