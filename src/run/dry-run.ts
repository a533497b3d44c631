import { loadHarness } from '../agent/harness/load-harness.js';
import { chooseTasks } from '../dataset/select.js';
import { stepsOrTask, type Task } from '../dataset/task.js';
import { runnableTasks } from '../job/plan.js';
import type { DryJob } from '../record/dry-job.js';
import type { RunSpec } from '../record/run-spec.js';
import { loadDatasets, type DatasetSurroundings } from './datasets/load-datasets.js';
import { greatest } from '../base/number/extremes.js';

/** The jobs that a run would make. Datasets are fetched when they are not here; their tasks say all else. */
export async function dryRun(spec: RunSpec, surroundings: DatasetSurroundings): Promise<readonly DryJob[]> {
  const { agent, attempts, concurrency } = spec;
  const harness = agent.kind === 'model' ? await loadHarness(agent.harness.name) : null;
  const datasets = await loadDatasets(spec.datasets, surroundings);
  return chooseTasks(datasets, spec.tasks).map((dataset) => {
    const { tasks, leftOut } = runnableTasks(dataset.tasks, harness);
    const conversations = tasks.reduce((sum, { steps }) => sum + Math.max(1, steps.length), 0);
    const builds = tasks.filter((task) => isBuilt(task, spec));
    const named = tasks.filter((task) => !isBuilt(task, spec));
    return {
      dataset: dataset.name,
      actor: agent.kind === 'model' ? agent.model.name : agent.kind,
      tasks: tasks.length,
      attempts,
      concurrency,
      leftOut: [
        ...dataset.broken.map(({ name, error }) => `${name}: cannot be loaded: ${error.message}`),
        ...leftOut,
      ],
      longestMs: longestTime(tasks, spec),
      images: [...new Set(named.map((task) => task.environment.dockerImage ?? ''))].sort(),
      builds: builds.length,
      mostTokens: harness === null ? null : conversations * attempts * harness.budget.totalTokens,
    };
  });
}

function isBuilt({ environment }: Task, { trial }: RunSpec): boolean {
  return environment.dockerImage === null || (trial.forceBuild && environment.buildContext !== null);
}

/**
 * Trials that start as slots become free end within sum/n + (1 - 1/n) × the longest, whatever their order (Graham 1969).
 * A step has times of its own.
 */
function longestTime(tasks: readonly Task[], { attempts, concurrency, trial }: RunSpec): number | null {
  const times = tasks.map((task) =>
    stepsOrTask<Pick<Task, 'agent' | 'verifier'>>(task)
      .map(({ agent, verifier }) => (agent.timeoutMs ?? NaN) + (verifier.timeoutMs ?? NaN))
      .reduce((all, time) => all + time * trial.timeoutMultiplier, 0),
  );
  const sum = times.reduce((all, time) => all + time, 0) * attempts;
  // How many `auto` lets run is the host's matter; one at a time is the slowest.
  const slots = Math.max(1, Math.min(concurrency === 'auto' ? 1 : concurrency, times.length * attempts));
  return Number.isNaN(sum) ? null : sum / slots + (1 - 1 / slots) * Math.max(0, greatest(times));
}
