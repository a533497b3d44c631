import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { makeFolder } from '../../base/files/make-folder.js';
import { privateModes } from '../../results/private-modes.js';
import { InputError, ResultsError } from '../../base/errors.js';
import { jobConfigSchema, type JobConfig } from '../../record/job-config.js';
import { isBrokenByInfrastructure, outcomeOf } from '../../record/outcome.js';
import { trialResultSchema, type TrialResult } from '../../record/trial-result.js';
import { jobPaths, trialPaths, type JobPaths } from '../../results/layout.js';
import { readJson } from '../../results/read-file.js';
import { shelveEarlierTry, tryInFolder } from '../../results/trial-store.js';
import { writeError, writeJson } from '../../results/write-file.js';
import type { TrialSource } from '../../trial/trial.js';
import { buildJobConfig, configDifferences } from '../job-config.js';
import type { JobRequest } from '../job.js';
import { describeSources, type JobSources } from '../task-sources.js';
import { claimJob } from './job-claim.js';

/** A job folder that this process holds the lock of. */
export interface JobFolder extends AsyncDisposable {
  readonly paths: JobPaths;
  readonly config: JobConfig;
  sourceOf(task: string): TrialSource;
  /** The stored result of a trial that is done and need not be repeated, else null. */
  storedResult(trial: string): Promise<TrialResult | null>;
  /** Which try of a trial lies in its folder, unfinished; null when there is none. */
  triesLeft(trial: string): Promise<number | null>;
  /** Makes room for a new try of a trial and says which one it is; what an earlier one left is kept beside it. */
  beginTry(trial: string): Promise<number>;
}

/**
 * Opens the job folder for work: creates it, or continues what an earlier start left. Throws `LockedError` when
 * another process works on it and `InputError` when it holds a different job.
 */
export async function openJobFolder(request: JobRequest): Promise<JobFolder> {
  const paths = jobPaths(request.dir);
  await makeFolder(paths.dir, privateModes.folder).catch((error: unknown) => {
    throw writeError(paths.dir, error);
  });
  const lock = await claimJob(paths);
  try {
    const sources = await describeSources(request);
    const config = await configOfThisStart(request, paths, sources);
    await writeJson(paths.config, config);
    return {
      paths,
      config,
      sourceOf: (task) => sourceOf(task, sources),
      storedResult: (trial) => readStoredResult(paths.dir, trial),
      triesLeft: (trial) => tryInFolder(trialPaths(paths.dir, trial)),
      beginTry: (trial) => shelveEarlierTry(trialPaths(paths.dir, trial)),
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

function sourceOf(task: string, { tasks }: JobSources): TrialSource {
  const source = tasks.get(task);
  if (source === undefined) throw new ResultsError(`task ${task} is not part of this job`);
  return source;
}

/** The configuration of this start. An earlier start's id and tasks stay; another job's folder is refused. */
async function configOfThisStart(
  request: JobRequest,
  paths: JobPaths,
  sources: JobSources,
): Promise<JobConfig> {
  const found = await readConfig(paths);
  const earlier = { jobId: found?.tbench.job_id ?? randomUUID(), tasks: found?.tbench.tasks ?? [] };
  const config = buildJobConfig(request, sources, earlier);
  const differences = found === null ? [] : configDifferences(found, config);
  if (differences.length > 0) {
    throw new InputError(
      `job ${request.name} in ${paths.dir} is a different one: ${differences.join('; ')}`,
      {
        hint: 'Choose another name with --job NAME, or repeat the options of the first start.',
      },
    );
  }
  return config;
}

async function readConfig({ dir, config: path }: JobPaths): Promise<JobConfig | null> {
  const read = await readJson(dir, basename(path), jobConfigSchema);
  if (read.kind === 'value') return read.value;
  if (read.kind === 'missing') return null;
  throw new ResultsError(`${path} is not a job of tbench, or is damaged; it is left as it is`, {
    cause: new Error(`${path} ${read.problem.message}`),
    hint: 'Choose another name with --job NAME.',
  });
}

/**
 * A trial whose result can be read and that measured something counts as done. One that infrastructure broke is
 * made again; a file that cannot be read is shelved with the rest of its folder when the trial is made again.
 */
async function readStoredResult(jobDir: string, trial: string): Promise<TrialResult | null> {
  const read = await readJson(jobDir, join(trial, 'result.json'), trialResultSchema);
  return read.kind !== 'value' || isBrokenByInfrastructure(outcomeOf(read.value)) ? null : read.value;
}
