import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { taskDigests } from '../../dataset/digest.js';
import { datasetPlaces } from '../../dataset/source/places.js';
import type { Task } from '../../dataset/task.js';
import type { JobModel, JobReport } from '../../job/job.js';
import { localDispatcher, type LocalTools } from '../../job/local-dispatcher.js';
import type { JobPace } from '../../job/pace.js';
import type { JobEvent } from '../../record/event.js';
import { jobConfigSchema, type JobConfig } from '../../record/job-config.js';
import type { RunSpec } from '../../record/run-spec.js';
import { trialResultSchema } from '../../record/trial-result.js';
import { trialLockSchema } from '../../results/formats/harbor/lock.js';
import { trialName, trialPaths } from '../../results/layout.js';
import { readJournal } from '../../results/read-journal.js';
import { readJson } from '../../results/read-file.js';
import { createRedactor } from '../../results/redact.js';
import { manifestSchema } from '../../trial/artifacts/manifest.js';
import { regradeTrial, type GradableTrial } from '../../trial/regrade-trial.js';
import { createVerifier } from '../../verifier/create-verifier.js';
import { loadDatasets } from '../datasets/load-datasets.js';
import { planRun } from '../jobs/plan-run.js';
import { runJobs } from '../jobs/run-jobs.js';
import { localSettings } from '../local/local-settings.js';
import { openEngine } from '../local/open-engine.js';
import { readRunOfJob } from '../read-run-of-job.js';
import type { Surroundings } from '../surroundings.js';
import { chooseAction, type Choice } from './choose-action.js';

export interface RegradeRequest {
  /** Folder of the recorded job. */
  readonly dir: string;
  /** Names of its trials. */
  readonly trials: readonly string[];
  /** Replaces the dataset that the job names. */
  readonly dataset: string | null;
  readonly concurrency: number;
  readonly force: boolean;
}

/** What became of each trial, and the job of those that were graded anew; null when there were none. */
export interface RegradeEnd {
  readonly choices: ReadonlyMap<string, Choice>;
  readonly report: JobReport | null;
}

/** Verifies the trials of a job again, without their agent, into a job beside it. Throws `InputError` for a job that does not say how it was run. */
export async function regradeJob(
  request: RegradeRequest,
  surroundings: Omit<Surroundings, 'resultsDir' | 'jobName'>,
  emit: (event: JobEvent) => void,
): Promise<RegradeEnd> {
  const { dir } = request;
  const { config, spec } = await readJob(request, surroundings.env);
  const datasets = await loadDatasets(spec.datasets, surroundings);
  const tasks = new Map(datasets.flatMap((dataset) => dataset.tasks).map((task) => [task.name, task]));
  const read = await readTrials(request, tasks);
  const choices = new Map([...read].map(([name, { choice }]) => [name, choice]));
  const chosen = new Map([...read].filter(([, { choice }]) => choice.action === 'regrade'));
  if (chosen.size === 0) return { choices, report: null };
  await using engine = await openEngine(surroundings);
  const names = new Set([...chosen.values()].map(({ task }) => task));
  const plan = await planRun(
    { ...spec, tasks: { include: [...names], exclude: [], limit: null } },
    datasets,
    {
      harness: config.tbench.harness,
      tellsExtras: true,
      model: modelOf(config),
      record: { engine: engine.info, base_urls: [], servers: [], regrade_of: basename(dir) },
      hostEnv: localSettings(spec, { harness: null, env: surroundings.env }).hostEnv,
      place: { resultsDir: dirname(dir), jobName: await freeName(dir) },
    },
  );
  const tools = toolsOf(spec, config, engine, surroundings);
  const [report = null] = await runJobs(
    plan,
    {
      openDispatcher: localDispatcher(tools, (trial, signal) => {
        const recorded = chosen.get(trial.spec.name)?.recorded;
        if (recorded === undefined) throw new InputError(`${trial.spec.name} was not chosen`);
        return regradeTrial(trial, recorded, signal);
      }),
      redact: tools.redact,
      sandboxDirs: engine.info.storageDir === null ? [] : [engine.info.storageDir],
      host: engine.info,
    },
    surroundings,
    { emit, paceOf: () => onlyThese(chosen) },
  );
  return { choices, report };
}

async function readJob(
  { dir, dataset, concurrency }: RegradeRequest,
  env: Surroundings['env'],
): Promise<{ config: JobConfig; spec: RunSpec }> {
  const read = await readJson(dir, 'config.json', jobConfigSchema);
  if (read.kind !== 'value') throw new InputError(`${dir} is no job of tbench`);
  const { spec } = await readRunOfJob(dir, datasetPlaces(env));
  return {
    config: read.value,
    spec: { ...spec, shard: null, concurrency, datasets: dataset === null ? spec.datasets : [dataset] },
  };
}

function modelOf({ tbench }: JobConfig): JobModel | null {
  const { model, model_kind: kind } = tbench;
  return model === null || kind === 'none' ? null : { name: model, kind };
}

/** Nothing acts here; what the trials' agent was called stays. */
function toolsOf(
  spec: RunSpec,
  config: JobConfig,
  engine: LocalTools['engine'],
  { env }: Pick<Surroundings, 'env'>,
): LocalTools {
  const settings = localSettings(spec, { harness: null, env });
  return {
    engine,
    settings,
    adopts: false,
    agent: {
      name: config.tbench.harness?.name ?? config.tbench.agent,
      version: config.tbench.version,
      run: () => Promise.reject(new Error('a regraded trial has no agent')),
    },
    verifier: createVerifier(settings.hostEnv),
    redact: createRedactor(Object.values(settings.hostEnv)),
  };
}

interface ReadTrial {
  readonly task: string;
  readonly choice: Choice;
  readonly recorded: GradableTrial;
}

async function readTrials(
  { dir, trials, force }: RegradeRequest,
  tasks: ReadonlyMap<string, Task>,
): Promise<ReadonlyMap<string, ReadTrial>> {
  const read = new Map<string, ReadTrial>();
  const digests = new Map<string, string>();
  for (const name of trials) {
    const paths = trialPaths(dir, name);
    const result = await readJson(paths.dir, 'result.json', trialResultSchema);
    if (result.kind !== 'value') continue;
    const lock = await readJson(paths.dir, 'lock.json', trialLockSchema);
    const manifest = await readJson(paths.dir, 'artifacts/manifest.json', manifestSchema);
    const task = tasks.get(result.value.tbench.task ?? result.value.task_name);
    if (task === undefined) continue;
    const digest = digests.get(task.name) ?? (await taskDigests(task.dir)).digest;
    digests.set(task.name, digest);
    const version = lock.kind === 'value' ? lock.value.task['version'] : null;
    const part = {
      result: result.value,
      version: typeof version === 'string' ? version : null,
      manifest: manifest.kind === 'value' ? manifest.value : null,
    };
    const journal = await readJournal(paths.journal, dir);
    const commands = (journal?.entries ?? []).flatMap((entry) =>
      entry.kind === 'turn' ? entry.commands.map(({ command }) => command) : [],
    );
    read.set(trialName(task.name, result.value.tbench.attempt), {
      task: task.name,
      choice: chooseAction(part, task, { digest, force }),
      recorded: { paths, job: basename(dir), result: result.value, commands },
    });
  }
  return read;
}

function onlyThese(trials: ReadonlyMap<string, unknown>): JobPace {
  return {
    order: (plan) => plan.filter(({ name }) => trials.has(name)),
    see: () => undefined,
    hasEnough: () => false,
  };
}

async function freeName(dir: string): Promise<string> {
  const there = new Set(await readdir(dirname(join(dir))));
  for (let number = 1; ; number += 1) {
    const name = `${basename(dir)}__regrade-${number}`;
    if (!there.has(name)) return name;
  }
}
