import type { JobSummary } from '../record/job-summary.js';
import { judgeDoubt, type Headroom, type ResourceDoubt } from '../score/noise/resource-doubt.js';
import { readTrialRecord } from './trial/sandbox-facts.js';

/** Records whose files are open at once. */
const atOnce = 32;

/** How many trials of a job might have ended otherwise with more headroom, from what each trial recorded of its limits. */
export async function readDoubt(job: JobSummary): Promise<ResourceDoubt> {
  const headroom = new Map<string, Headroom>();
  const own = job.format === 'tbench' ? job.trials : [];
  for (let first = 0; first < own.length; first += atOnce) {
    await Promise.all(
      own.slice(first, first + atOnce).map(async ({ dir }) => {
        if (dir !== null) headroom.set(dir, await headroomOf(dir));
      }),
    );
  }
  return judgeDoubt(job, (trial) => headroom.get(trial.dir ?? '') ?? null);
}

async function headroomOf(dir: string): Promise<Headroom> {
  const { vitals, limits } = await readTrialRecord(dir);
  return {
    oomKills: vitals.oomKills,
    memoryPeakBytes: vitals.memoryPeakBytes,
    memoryLimitBytes: limits.memoryBytes,
    throttledMs: vitals.throttledMs,
  };
}
