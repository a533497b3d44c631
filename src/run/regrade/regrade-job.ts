import { basename, dirname, join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { taskDigests } from '../../dataset/digest.js';
import { datasetPlaces } from '../../dataset/source/places.js';
import type { Task } from '../../dataset/task.js';
import type { JobModel, JobReport } from '../../job/job.js';
import { localDispatcher, type LocalTools } from '../../job/local-dispatcher.js';
import type { JobEvent } from '../../record/event.js';
import type { JobConfig } from '../../record/job-config.js';
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
import { besideSpec, nameBeside, onlyThese, type BesideJob } from '../jobs/beside-job.js';
import { planRun } from '../jobs/plan-run.js';
import { hostOf, runJobs } from '../jobs/run-jobs.js';
import { localSettings } from '../local/local-settings.js';
import { openEngine } from '../local/open-engine.js';
import { readRunOfJob } from '../read-run-of-job.js';
import type { Surroundings } from '../surroundings.js';
import { chooseAction, type Choice, type RecordedPart } from './choose-action.js';

export interface RegradeRequest extends BesideJob {
  /** Folder of the recorded job. */
  readonly dir: string;
  /** Folders of its trials, by name. */
  readonly trials: readonly string[];
  /** Replaces the dataset that the job names. */
  readonly dataset: string | null;
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
  const { config, spec: run } = await readRunOfJob(dir, datasetPlaces(surroundings.env));
  const datasets = await loadDatasets(
    request.dataset === null ? run.datasets : [request.dataset],
    surroundings,
  );
  const tasks = new Map(datasets.flatMap((dataset) => dataset.tasks).map((task) => [task.name, task]));
  const { choices, chosen } = await readTrials(request, tasks);
  if (chosen.size === 0) return { choices, report: null };
  await using engine = await openEngine(surroundings);
  const spec = besideSpec(run, request, {
    tasks: [...new Set([...chosen.values()].map(({ task }) => task))],
    attempts: [...chosen.values()].map(({ attempt }) => attempt),
  });
  const plan = await planRun(spec, datasets, {
    harness: config.tbench.harness,
    tellsExtras: true,
    model: modelOf(config),
    record: { engine: engine.info, base_urls: [], servers: [], regrade_of: basename(dir) },
    hostEnv: localSettings(spec, { harness: null, env: surroundings.env }).hostEnv,
    place: { resultsDir: dirname(dir), jobName: await nameBeside(dir, 'regrade') },
  });
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
      ...hostOf(engine),
    },
    surroundings,
    { emit, paceOf: () => onlyThese(chosen) },
  );
  return { choices, report };
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

interface ChosenTrial {
  readonly task: string;
  readonly attempt: number;
  readonly recorded: GradableTrial;
}

interface ReadTrials {
  readonly choices: ReadonlyMap<string, Choice>;
  /** Those to be regraded. */
  readonly chosen: ReadonlyMap<string, ChosenTrial>;
}

async function readTrials(
  { dir, trials, force }: RegradeRequest,
  tasks: ReadonlyMap<string, Task>,
): Promise<ReadTrials> {
  const choices = new Map<string, Choice>();
  const chosen = new Map<string, ChosenTrial>();
  const digests = new Map<string, string>();
  for (const name of trials) {
    const cannot = (reason: string): unknown => choices.set(name, { action: 'rerun', reason });
    const result = await readJson(dir, join(name, 'result.json'), trialResultSchema);
    if (result.kind !== 'value') {
      cannot('its result.json cannot be read');
      continue;
    }
    const { task: own = result.value.task_name, attempt } = result.value.tbench;
    const task = tasks.get(own);
    if (task === undefined || name !== trialName(task.name, attempt)) {
      cannot(
        task === undefined ? 'its task is not in the dataset' : 'its folder has the name of another trial',
      );
      continue;
    }
    const digest = digests.get(task.name) ?? (await taskDigests(task.dir)).digest;
    digests.set(task.name, digest);
    const part = { result: result.value, ...(await readBeside(dir, name)) };
    const choice = chooseAction(part, task, { digest, force });
    choices.set(name, choice);
    if (choice.action !== 'regrade') continue;
    const paths = trialPaths(dir, name);
    const commands = await commandsOf(dir, paths.journal);
    const recorded = { paths, job: basename(dir), result: result.value, commands };
    chosen.set(name, { task: task.name, attempt, recorded });
  }
  return { choices, chosen };
}

async function readBeside(dir: string, name: string): Promise<Omit<RecordedPart, 'result'>> {
  const lock = await readJson(dir, join(name, 'lock.json'), trialLockSchema);
  const manifest = await readJson(dir, join(name, 'artifacts/manifest.json'), manifestSchema);
  const version = lock.kind === 'value' ? lock.value.task['version'] : null;
  return {
    version: typeof version === 'string' ? version : null,
    manifest: manifest.kind === 'value' ? manifest.value : null,
  };
}

/** What the agent ran, in order. */
async function commandsOf(dir: string, path: string): Promise<readonly string[]> {
  const journal = await readJournal(path, dir);
  return (journal?.entries ?? []).flatMap((entry) =>
    entry.kind === 'turn' ? entry.commands.map(({ command }) => command) : [],
  );
}
