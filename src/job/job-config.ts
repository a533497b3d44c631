import type { JobConfig, TaskPin } from '../record/job-config.js';
import { recordVersion } from '../record/record-version.js';
import type { JobRequest } from './job.js';
import { taskPins, type JobSources } from './task-sources.js';

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
    timeout_multiplier: run.trial.timeoutMultiplier,
    agent_timeout_multiplier: null,
    verifier_timeout_multiplier: null,
    agent_setup_timeout_multiplier: null,
    environment_build_timeout_multiplier: null,
    debug: false,
    n_concurrent_trials: run.concurrency,
    quiet: false,
    retry: { max_retries: run.retries },
    environment: { type: 'podman', force_build: run.trial.forceBuild, delete: !run.trial.keepSandboxes },
    verifier: { override_timeout_sec: null, max_timeout_sec: null, env: {}, disable: false },
    metrics: [],
    agents: [{ name: run.agent.kind, import_path: null, model_name: model?.name ?? null, kwargs: {} }],
    datasets: [
      { name: dataset.name, version: dataset.version, path: dataset.origin === null ? dataset.dir : null },
    ],
    tasks: [],
    artifacts: [],
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
  compare('clock', before.clock, now.clock);
  const digests = new Map(before.tasks.map((task) => [task.name, task.digest]));
  for (const task of now.tasks)
    compare(`content of task ${task.name}`, digests.get(task.name) ?? task.digest, task.digest);
  return differences;
}
