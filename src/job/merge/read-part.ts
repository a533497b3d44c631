import { readdir } from 'node:fs/promises';
import { InputError } from '../../base/errors.js';
import { jobConfigSchema, type JobConfig } from '../../record/job-config.js';
import { jobResultSchema } from '../../record/job-result.js';
import type { Shard } from '../../record/run-spec.js';
import { trialResultSchema, type TrialResult } from '../../record/trial-result.js';
import { jobPaths } from '../../results/layout.js';
import { readJson } from '../../results/read-file.js';
import { isClaimed } from '../store/job-claim.js';

/** A finished job that made one part of a plan. */
export interface JobPart {
  readonly dir: string;
  readonly config: JobConfig;
  readonly shard: Shard;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly trials: readonly TrialResult[];
}

/** Reads a part. Throws `InputError`, naming folder and fault, for what is no part or is not finished. */
export async function readPart(dir: string): Promise<JobPart> {
  const config = await readJson(dir, 'config.json', jobConfigSchema);
  if (config.kind !== 'value') throw new InputError(`${dir} is no job of tbench`);
  const shard = config.value.tbench.run?.shard ?? null;
  if (shard === null)
    throw new InputError(`${dir} is no part of a job: it was not run with --shard`, {
      hint: 'Jobs that are whole stand beside each other: tbench score JOB JOB, or --pool.',
    });
  if (await isClaimed(jobPaths(dir))) throw new InputError(`${dir} still runs`);
  const totals = await readJson(dir, 'result.json', jobResultSchema);
  const finishedAt = totals.kind === 'value' ? totals.value.finished_at : null;
  const unfinished = new InputError(`${dir} is not finished`, {
    hint: 'The command that started it continues it.',
  });
  if (totals.kind !== 'value' || finishedAt === null) throw unfinished;
  const trials = await readTrials(dir);
  if (trials.length !== totals.value.n_total_trials)
    throw new InputError(
      `${dir} says that it made ${totals.value.n_total_trials} trials, and holds ${trials.length}`,
    );
  return { dir, config: config.value, shard, startedAt: totals.value.started_at, finishedAt, trials };
}

async function readTrials(dir: string): Promise<TrialResult[]> {
  const trials: TrialResult[] = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const read = await readJson(dir, `${entry.name}/result.json`, trialResultSchema);
    if (read.kind === 'problem') throw new InputError(`${read.problem.path} ${read.problem.message}`);
    if (read.kind === 'missing') continue;
    if (read.value.trial_name !== entry.name)
      throw new InputError(`${dir}/${entry.name} holds the result of ${read.value.trial_name}`);
    trials.push(read.value);
  }
  return trials;
}
