import type { JobConfig, TaskPin } from '../record/job-config.js';
import { recordVersion } from '../record/record-version.js';
import type { JobRequest } from './job.js';

/** The configuration a request stands for. `known` are the tasks an earlier start of the same job already had. */
export function buildJobConfig(
  request: JobRequest,
  ids: { readonly jobId: string; readonly tasks: readonly TaskPin[]; readonly known: readonly TaskPin[] },
): JobConfig {
  const { settings, dataset } = request;
  const chosen = new Set(ids.tasks.map((task) => task.name));
  return {
    job_name: request.name,
    jobs_dir: 'results',
    n_attempts: request.attempts,
    timeout_multiplier: settings.timeoutMultiplier,
    agent_timeout_multiplier: null,
    verifier_timeout_multiplier: null,
    agent_setup_timeout_multiplier: null,
    environment_build_timeout_multiplier: null,
    debug: false,
    n_concurrent_trials: request.concurrency,
    quiet: false,
    retry: { max_retries: request.retries },
    environment: { type: 'podman', force_build: settings.forceBuild, delete: !settings.keepSandboxes },
    verifier: { override_timeout_sec: null, max_timeout_sec: null, env: {}, disable: false },
    metrics: [],
    agents: [
      { name: request.agentKind, import_path: null, model_name: settings.model?.name ?? null, kwargs: {} },
    ],
    datasets: [
      { name: dataset.name, version: dataset.version, path: dataset.origin === null ? dataset.dir : null },
    ],
    tasks: [],
    artifacts: [],
    tbench: {
      record_version: recordVersion,
      version: settings.version,
      job_id: ids.jobId,
      agent: request.agentKind,
      model: settings.model?.name ?? null,
      model_kind: settings.model?.kind ?? 'none',
      harness: request.harness === null ? null : { ...request.harness },
      clock: settings.clock,
      verifier: settings.verifier,
      dataset: { name: dataset.name, version: dataset.version, origin: dataset.origin },
      tasks: [...ids.tasks, ...ids.known.filter((task) => !chosen.has(task.name))],
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
