import { basename, dirname } from 'node:path';
import { InputError } from '../../base/errors.js';
import { datasetPlaces } from '../../dataset/source/places.js';
import type { JobModel, JobReport } from '../../job/job.js';
import { localDispatcher, type LocalTools } from '../../job/local-dispatcher.js';
import type { JobEvent } from '../../record/event.js';
import type { JobConfig } from '../../record/job-config.js';
import type { RunSpec } from '../../record/run-spec.js';
import { createRedactor } from '../../results/redact.js';
import { regradeTrial } from '../../trial/regrade-trial.js';
import { createVerifier } from '../../verifier/create-verifier.js';
import { loadDatasets } from '../datasets/load-datasets.js';
import { besideSpec, nameBeside, onlyThese, type BesideJob } from '../jobs/beside-job.js';
import { planRun } from '../jobs/plan-run.js';
import { hostOf, runJobs } from '../jobs/run-jobs.js';
import { localSettings } from '../local/local-settings.js';
import { openEngine } from '../local/open-engine.js';
import { readRunOfJob } from '../read-run-of-job.js';
import type { Surroundings } from '../surroundings.js';
import type { Choice } from './choose-action.js';
import { leaveOutGone, readTrials } from './recorded-trials.js';

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
  const { choices, chosen } = await readTrials(request, datasets);
  if (chosen.size === 0) return { choices, report: null };
  await using engine = await openEngine(surroundings);
  await leaveOutGone({ choices, chosen }, engine);
  if (chosen.size === 0) return { choices, report: null };
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
