import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { missingVariables } from '../../dataset/resolve-env.js';
import { chooseTasks } from '../../dataset/select.js';
import type { Dataset, Task } from '../../dataset/task.js';
import { continueUnfinished } from '../../job/find-unfinished.js';
import type { JobHarness, JobModel, JobRequest } from '../../job/job.js';
import { runnableTasks } from '../../job/plan.js';
import type { RunSpec } from '../../record/run-spec.js';
import { jobName } from './job-name.js';
import type { Surroundings } from '../surroundings.js';
import { readVersion } from '../version.js';

/** The jobs that a run comes to, and what a person should know before they start. */
export interface RunPlan {
  readonly jobs: readonly JobRequest[];
  readonly notes: readonly string[];
}

/** What every job of a run has in common, beside the spec. */
export interface PlanParts {
  readonly harness: JobHarness | null;
  /** Whether the harness tells of a task's MCP servers and skills. */
  readonly tellsExtras: boolean;
  readonly model: JobModel | null;
  /** Recorded in each job's config.json: engine, servers. */
  readonly record: Readonly<Record<string, unknown>>;
  /** The host variables that tasks may read. */
  readonly hostEnv: Readonly<Record<string, string>>;
  readonly place: Pick<Surroundings, 'resultsDir' | 'jobName'>;
}

/**
 * One job for each dataset that has something to run; without a name asked for, an unfinished job of the same run
 * is continued. Throws InputError when there is nothing to run at all.
 */
export async function planRun(
  spec: RunSpec,
  datasets: readonly Dataset[],
  parts: PlanParts,
): Promise<RunPlan> {
  const chosen = chooseTasks(datasets, spec.tasks);
  const runnable = chosen.map((dataset) => ({ dataset, ...runnableTasks(dataset.tasks, teller(parts)) }));
  requireVariables(
    runnable.flatMap(({ tasks }) => tasks),
    parts.hostEnv,
    { solves: spec.agent.kind === 'oracle' },
  );
  const notes = runnable.flatMap(({ dataset, tasks, leftOut }) => [
    ...noteworthy(dataset),
    ...taskWarnings(tasks),
    ...leftOut,
  ]);
  const named = runnable
    .filter(({ tasks }) => tasks.length > 0)
    .flatMap(({ dataset: { dir }, tasks }) => {
      const whole = datasets.find((dataset) => dataset.dir === dir);
      return whole === undefined ? [] : [jobRequest(whole, tasks, spec, parts, datasets.length > 1)];
    });
  if (named.length === 0) {
    throw new InputError(['there is no task to run', ...notes].join('\n  '), {
      hint: 'See `tbench tasks list`.',
    });
  }
  if (parts.place.jobName !== null) return { jobs: named, notes };
  const jobs = await Promise.all(named.map((request) => continueUnfinished(request)));
  const continued = jobs.filter((job, index) => job.name !== named[index]?.name);
  return {
    jobs,
    notes: [
      ...notes,
      ...continued.map(({ name }) => `continuing ${name}, which did not finish (--job NAME starts another)`),
    ],
  };
}

function teller({ harness, tellsExtras }: PlanParts): { name: string; taskExtras: boolean } | null {
  return harness === null ? null : { name: harness.name, taskExtras: tellsExtras };
}

function jobRequest(
  dataset: Dataset,
  tasks: readonly Task[],
  spec: RunSpec,
  { harness, model, record, place }: PlanParts,
  isOneOfSeveral: boolean,
): JobRequest {
  const actor = harness === null ? [spec.agent.kind] : [model?.name ?? '', harness.name];
  const name = jobName({ asked: place.jobName, dataset: dataset.name, isOneOfSeveral, actor });
  return {
    name,
    dir: join(place.resultsDir, name),
    dataset,
    tasks,
    run: spec,
    model,
    harness,
    version: readVersion(),
    notes: record,
  };
}

const warningsShown = 5;
const tasksShown = 10;

function noteworthy(dataset: Dataset): string[] {
  const broken = dataset.broken.map(
    ({ name, error }) => `${dataset.name}/${name}: left out, cannot be loaded: ${error.message}`,
  );
  const warnings = dataset.warnings.slice(0, warningsShown).map((text) => `${dataset.name}: ${text}`);
  const more = dataset.warnings.length - warnings.length;
  const rest = more > 0 ? [`${dataset.name}: and ${more} more warnings (tbench tasks check)`] : [];
  return [...broken, ...warnings, ...rest];
}

/** Throws InputError when tasks need variables of the host that they would not get: told before the first sandbox. */
function requireVariables(
  tasks: readonly Task[],
  hostEnv: PlanParts['hostEnv'],
  options: { readonly solves: boolean },
): void {
  const missing = tasks.flatMap((task) => missingVariables(task, hostEnv, options));
  if (missing.length === 0) return;
  const names = [...new Set(missing.map(({ variable }) => variable))];
  const more = missing.length > tasksShown ? [`and ${missing.length - tasksShown} more`] : [];
  const lines = [...missing.slice(0, tasksShown).map(({ text }) => text), ...more];
  throw new InputError(`tasks need variables that they do not get:\n  ${lines.join('\n  ')}`, {
    hint: `Export what is not set and add ${names.map((name) => `--pass-env ${name}`).join(' ')}, or leave the tasks out with --exclude.`,
  });
}

/** What is odd about the tasks that will run, a misspelt key above all: the format's readers pass over it in silence. */
function taskWarnings(tasks: readonly Task[]): string[] {
  const odd = tasks.filter(({ warnings }) => warnings.length > 0);
  const told = odd.slice(0, tasksShown).map(({ name, warnings: [first = '', ...more] }) => {
    const rest = more.length > 0 ? ` (and ${more.length} more)` : '';
    return `${name}: ${first}${rest}`;
  });
  const untold = odd.length - told.length;
  return untold > 0 ? [...told, `and ${untold} more tasks with warnings (tbench tasks check)`] : told;
}
