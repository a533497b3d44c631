import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { InputError, ResultsError } from '../base/errors.js';
import { takeFileLock } from '../base/file-lock.js';
import { jobPaths, trialPaths, type JobPaths } from '../results/layout.js';
import { trialResultSchema, type TrialResult } from '../record/trial-result.js';
import { writeError, writeJson } from '../results/write-file.js';
import type { TrialSource } from '../trial/trial.js';
import { describeEvent, type JobEvent } from './events.js';
import { jobConfigSchema, type JobConfig } from '../record/job-config.js';
import { buildJobConfig, configDifferences } from './job-config.js';
import type { JobRequest } from './job.js';
import type { PlannedTrial } from './plan.js';
import { describeSources, taskEntries } from './task-sources.js';

/** A job folder that this process holds the lock of. */
export interface OpenJob extends AsyncDisposable {
  readonly id: string;
  readonly paths: JobPaths;
  readonly config: JobConfig;
  sourceOf(task: string): TrialSource;
  /** The stored result of a trial that is done and need not be repeated, else null. */
  storedResult(trial: PlannedTrial): Promise<TrialResult | null>;
  log(event: JobEvent): Promise<void>;
}

/**
 * Opens the job folder for work: creates it, or continues what an earlier start left. Throws `LockedError` when
 * another process works on it and `InputError` when it holds a different job.
 */
export async function openJob(request: JobRequest): Promise<OpenJob> {
  const paths = jobPaths(request.dir);
  await mkdir(paths.dir, { recursive: true }).catch((error: unknown) => {
    throw writeError(paths.dir, error);
  });
  const lock = await takeFileLock(paths.lock);
  try {
    const sources = await describeSources(request);
    const config = await settleConfig(request, paths, sources);
    await writeJson(paths.config, config);
    return {
      id: config.tbench.job_id,
      paths,
      config,
      sourceOf: (task) => {
        const source = sources.get(task);
        if (source === undefined) throw new ResultsError(`task ${task} is not part of job ${request.name}`);
        return source;
      },
      storedResult: (trial) => readStoredResult(trialPaths(paths.dir, trial.name).result),
      log: async (event) => {
        const line = describeEvent(event);
        if (line !== null) await appendFile(paths.log, `${new Date().toISOString()} ${line}\n`);
      },
      [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function settleConfig(
  request: JobRequest,
  paths: JobPaths,
  sources: ReadonlyMap<string, TrialSource>,
): Promise<JobConfig> {
  const tasks = taskEntries(sources);
  const found = await readConfig(paths.config);
  const ids = { jobId: found?.tbench.job_id ?? randomUUID(), tasks, known: found?.tbench.tasks ?? [] };
  const config = buildJobConfig(request, ids);
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

async function readConfig(path: string): Promise<JobConfig | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ResultsError(`cannot read ${path}`, { cause: error });
  });
  if (text === null) return null;
  try {
    return jobConfigSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new ResultsError(`${path} is not a job of tbench, or is damaged; it is left as it is`, {
      cause: error,
      hint: 'Choose another name with --job NAME.',
    });
  }
}

/**
 * A trial whose result can be read and that measured something counts as done. One that infrastructure broke is
 * made again; a file that cannot be read is shelved with the rest of its folder when the trial is made again.
 */
async function readStoredResult(path: string): Promise<TrialResult | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const result = trialResultSchema.parse(JSON.parse(text));
    return result.tbench.blame === 'infrastructure' && result.verifier_result === null ? null : result;
  } catch {
    return null;
  }
}
