import { dirname } from 'node:path';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { taskDigests } from '../dataset/digest.js';
import type { JobReport, JobRequest } from '../job/job.js';
import { loadJobRecording } from '../model/replay/job-recording.js';
import type { OpenModelService } from '../model/service/open-model-service.js';
import type { JobEvent } from '../record/event.js';
import { jobConfigSchema, type JobConfig } from '../record/job-config.js';
import { runSpecSchema, type RunSpec } from '../record/run-spec.js';
import { trialName } from '../results/layout.js';
import { readJson } from '../results/read-file.js';
import { besideSpec, nameBeside, onlyThese, type BesideJob } from './jobs/beside-job.js';
import { openEngine } from './local/open-engine.js';
import { openModel } from './local/open-model.js';
import { openRun } from './open-run.js';
import type { Surroundings } from './surroundings.js';

/** A recorded job that can be played again. */
export interface ReplayableJob {
  readonly dir: string;
  readonly config: JobConfig;
  readonly run: RunSpec;
  /** Trials with recorded turns; all of them where the agent is no model. */
  readonly hasTurns: (task: string, attempt: number) => boolean;
}

/** Reads what a job was run with. Throws `InputError` for jobs of other harnesses, and of 0.1.0, which kept no settings. */
export async function readReplayableJob(dir: string): Promise<ReplayableJob> {
  const read = await readJson(dir, 'config.json', jobConfigSchema);
  const run = read.kind === 'value' ? runSpecSchema.safeParse(read.value.tbench['run']) : null;
  if (read.kind !== 'value' || run?.success !== true)
    throw new InputError(`${dir} does not say how it was run, so it cannot be played again`, {
      hint: 'Only jobs of this version of tbench and later keep it.',
    });
  const recording = run.data.agent.kind === 'model' ? await loadJobRecording(dir) : null;
  const hasTurns = (task: string, attempt: number): boolean =>
    recording === null || recording.tasks.get(task)?.attempts.has(attempt) === true;
  return { dir, config: read.value, run: run.data, hasTurns };
}

export interface ReplayRequest extends BesideJob {
  readonly job: ReplayableJob;
  /** Names of the trials to play. */
  readonly trials: ReadonlySet<string>;
  /** Replaces the dataset that the job names, where its tasks lie elsewhere now. */
  readonly dataset: string | null;
}

/** What came of a replay: its job, and how many turns of each trial saw something else than was recorded. */
export interface ReplayEnd {
  readonly report: JobReport;
  readonly diverged: ReadonlyMap<string, number>;
}

/**
 * Plays trials again from their recorded turns, in fresh sandboxes and with the job's own settings, into a job beside it.
 * Throws `InputError` where a task is not what it was: its tests might be others.
 */
export async function replayTrials(
  { job, trials, ...choice }: ReplayRequest,
  surroundings: Omit<Surroundings, 'resultsDir' | 'jobName'>,
  emit: (event: JobEvent) => void,
): Promise<ReplayEnd> {
  const services: OpenModelService[] = [];
  const spec = replaySpec(job, trials, choice);
  const place = { resultsDir: dirname(job.dir), jobName: await nameBeside(job.dir, 'replay') };
  await using run = await openRun(
    spec,
    { ...surroundings, ...place },
    {
      engine: openEngine,
      model: async (...asked) => {
        const served = await openModel(...asked);
        services.push(served.service);
        return served;
      },
    },
  );
  for (const request of run.jobs) await refuseOtherTasks(request, job.config);
  const [report] = await run.start(emit, () => onlyThese(trials));
  if (report === undefined) throw new InputError('there is nothing to play again');
  const diverged = new Map<string, number>();
  for (const { task, attempt } of services.flatMap((service) => service.divergences())) {
    const name = trialName(task, attempt);
    diverged.set(name, (diverged.get(name) ?? 0) + 1);
  }
  return { report, diverged };
}

const datasetSchema = z.looseObject({ path: z.string().nullish(), name: z.string().nullish() });

function replaySpec(
  { dir, config, run }: ReplayableJob,
  trials: ReadonlySet<string>,
  { dataset, ...beside }: Omit<ReplayRequest, 'job' | 'trials'>,
): RunSpec {
  const listed = z.array(datasetSchema).safeParse(config['datasets']);
  const recorded = listed.success ? listed.data[0] : undefined;
  const tasks = config.tbench.tasks.map(({ name }) => name);
  const again = besideSpec(run, beside, {
    tasks: tasks.filter((task) => [...trials].some((trial) => trial.startsWith(`${task}__`))),
    attempts: [...trials].map(attemptOf),
  });
  return {
    ...again,
    datasets: [dataset ?? recorded?.path ?? recorded?.name ?? config.tbench.dataset.name],
    agent:
      run.agent.kind === 'model'
        ? {
            ...run.agent,
            harness: { ...run.agent.harness, digest: config.tbench.harness?.digest ?? null },
            model: {
              ...run.agent.model,
              name: `replay:${dir}`,
              kind: null,
              baseUrls: [],
              concurrency: 'auto',
            },
          }
        : run.agent,
  };
}

function attemptOf(trial: string): number {
  return Number(/__(\d+)$/.exec(trial)?.[1] ?? 1);
}

async function refuseOtherTasks({ tasks }: JobRequest, { tbench }: JobConfig): Promise<void> {
  const recorded = new Map(tbench.tasks.map(({ name, digest }) => [name, digest]));
  for (const { name, dir } of tasks) {
    const { digest } = await taskDigests(dir);
    if (recorded.get(name) !== digest)
      throw new InputError(`task ${name} is not what it was when the job was made`, {
        hint: 'Name with --dataset the tasks that it was made with.',
      });
  }
}
