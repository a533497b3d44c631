import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  jobLock,
  jobLockSchema,
  trialLockSchema,
  type TrialLock,
} from '../../results/formats/harbor/lock.js';
import { readJson } from '../../results/read-file.js';
import { writeJson } from '../../results/write-file.js';
import { lockOfInputs } from '../../trial/trial-config.js';
import { mostConcurrent } from '../job-config.js';
import { agentName, type JobRequest } from '../job.js';
import type { PlannedTrial } from '../planned-trial.js';
import type { JobFolder } from './job-folder.js';

/**
 * Writes the job's lock.json: the inputs of every trial of the plan, and of those that earlier starts made beside
 * it. The time of the first start stays.
 */
export async function writeJobLock(
  request: JobRequest,
  folder: JobFolder,
  plan: readonly PlannedTrial[],
): Promise<void> {
  const { dir, lock: path } = folder.paths;
  const found = await readJson(dir, 'lock.json', jobLockSchema);
  const { run, model } = request;
  const planned = plan.map(({ task }) =>
    lockOfInputs({
      task,
      source: folder.sourceOf(task.name),
      agent: agentName(request),
      model: model?.name ?? null,
      settings: run.trial,
    }),
  );
  const lock = jobLock({
    createdAt: found.kind === 'value' ? found.value.created_at : new Date().toISOString(),
    concurrency: mostConcurrent(run),
    retries: run.retries,
    trials: [...planned, ...(await earlierLocks(dir, new Set(plan.map(({ name }) => name))))],
  });
  await writeJson(path, lock);
}

/** Of the trials in the folder that the plan does not have. */
async function earlierLocks(dir: string, planned: ReadonlySet<string>): Promise<TrialLock[]> {
  const locks: TrialLock[] = [];
  const entries = await readdir(dir, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory() && !planned.has(entry.name))) {
    const read = await readJson(dir, join(name, 'lock.json'), trialLockSchema);
    if (read.kind === 'value') locks.push(read.value);
  }
  return locks;
}
