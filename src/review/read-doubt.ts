import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobSummary } from '../record/job-summary.js';
import { readJson } from '../results/read-file.js';
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
  const { vitals, limits, clock } = await readTrialRecord(dir);
  return {
    oomKills: vitals.oomKills,
    memoryPeakBytes: vitals.memoryPeakBytes,
    memoryLimitBytes: limits.memoryBytes,
    throttledMs: vitals.throttledMs,
    commandsTimedOut: await countTimedOut(dir),
    slotMs: clock?.slot_ms ?? null,
    silenceMs: clock?.silence_ms ?? null,
    retryMs: clock?.retry_ms ?? null,
    outageMs: clock?.outage_ms ?? null,
  };
}

const timingSchema = z.array(z.looseObject({ timed_out: z.boolean().optional() }));

/** Turns in which a command met its own limit, in all steps; null where no turn was recorded. */
async function countTimedOut(dir: string): Promise<number | null> {
  const steps = await readdir(join(dir, 'steps')).catch(() => []);
  let count: number | null = null;
  for (const folder of ['agent', ...steps.map((step) => join('steps', step, 'agent'))]) {
    const timing = await readJson(dir, join(folder, 'timing.json'), timingSchema);
    if (timing.kind === 'value')
      count = (count ?? 0) + timing.value.filter((turn) => turn.timed_out === true).length;
  }
  return count;
}
