import type { JobConfig, TaskPin } from '../record/job-config.js';
import { recordVersion } from '../record/record-version.js';
import {
  additions,
  agentConfig,
  environmentConfig,
  timeoutMultipliers,
  verifierConfig,
} from '../results/formats/harbor/config.js';
import type { RunSpec } from '../record/run-spec.js';
import { agentName, type JobRequest } from './job.js';
import { mostAtOnce } from './schedule/admission.js';
import { taskPins, type JobSources } from './task-sources.js';

/** Trials at once as Harbor's files say it, which know no `auto`. */
export function mostConcurrent({ concurrency }: Pick<RunSpec, 'concurrency'>): number {
  return concurrency === 'auto' ? mostAtOnce : concurrency;
}

/** What an earlier start of the same job decided. */
export interface EarlierStart {
  readonly jobId: string;
  readonly tasks: readonly TaskPin[];
}

/** The `config.json` a request stands for. */
export function buildJobConfig(request: JobRequest, sources: JobSources, earlier: EarlierStart): JobConfig {
  const { run, dataset, model, harness } = request;
  return {
    job_name: request.name,
    jobs_dir: 'results',
    n_attempts: run.attempts,
    ...timeoutMultipliers(run.trial.timeoutMultiplier),
    debug: false,
    n_concurrent_trials: mostConcurrent(run),
    quiet: false,
    retry: { max_retries: run.retries },
    environment: environmentConfig(run.trial),
    verifier: verifierConfig,
    metrics: [],
    agents: [agentConfig({ name: agentName(request), model: model?.name ?? null })],
    // Harbor takes a dataset by its path or by its name.
    datasets: [
      dataset.origin === null
        ? { path: dataset.dir, version: dataset.version }
        : { name: dataset.name, version: dataset.version },
    ],
    tasks: [],
    ...additions,
    tbench: {
      record_version: recordVersion,
      version: request.version,
      job_id: earlier.jobId,
      agent: run.agent.kind,
      model: model?.name ?? null,
      model_kind: model?.kind ?? 'none',
      harness: harness === null ? null : { ...harness },
      clock: run.trial.clock,
      verifier: run.trial.verifier,
      dataset: {
        name: dataset.name,
        version: dataset.version,
        origin: dataset.origin,
        digest: sources.datasetDigest,
      },
      tasks: [...taskPins(sources), ...earlier.tasks.filter(({ name }) => !sources.tasks.has(name))],
      run,
      ...request.notes,
    },
  };
}

function shardText({ run }: JobConfig['tbench']): string {
  return run?.shard == null ? 'the whole plan' : `${run.shard.index}/${run.shard.of}`;
}

/**
 * What keeps `wanted` from being the continuation of `found`, in words; empty when it is the same thing. Number of
 * attempts, choice of tasks, concurrency and the like may differ: they do not change what one trial measures.
 */
export function configDifferences(found: JobConfig, wanted: JobConfig): readonly string[] {
  const differences: string[] = [];
  const compare = (what: string, before: unknown, now: unknown): void => {
    if (JSON.stringify(before) !== JSON.stringify(now)) {
      differences.push(`${what} was ${String(before)}, is now ${String(now)}`);
    }
  };
  const [before, now] = [found.tbench, wanted.tbench];
  compare('agent', before.agent, now.agent);
  compare('model', before.model, now.model);
  compare('kind of model', before.model_kind, now.model_kind);
  compare('dataset', before.dataset.name, now.dataset.name);
  compare('harness', before.harness?.name, now.harness?.name);
  compare('harness text', before.harness?.digest, now.harness?.digest);
  compare('timeout multiplier', found.timeout_multiplier, wanted.timeout_multiplier);
  compare('shard', shardText(before), shardText(now));
  compare('clock', before.clock, now.clock);
  const digests = new Map(before.tasks.map((task) => [task.name, task.digest]));
  for (const task of now.tasks)
    compare(`content of task ${task.name}`, digests.get(task.name) ?? task.digest, task.digest);
  return differences;
}
