import { join } from 'node:path';
import type { Harness } from '../agent/harness/harness.js';
import { loadDataset } from '../dataset/load-dataset.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { checkGlobs, selectTasks } from '../dataset/select.js';
import type { Dataset } from '../dataset/task.js';
import { InputError } from '../base/errors.js';
import { continueUnfinished } from '../job/find-unfinished.js';
import type { JobRequest } from '../job/job.js';
import { runnableTasks } from '../job/plan.js';
import type { TrialSettings } from '../trial/trial.js';
import type { RunOptions } from './run-options.js';

/** What the datasets and options come to: one request a dataset, and what a person should know beforehand. */
export interface RunPlan {
  readonly requests: readonly JobRequest[];
  readonly notes: readonly string[];
}

/** Everything of a run that does not depend on the dataset. */
export interface RunSetting {
  readonly options: RunOptions;
  readonly settings: TrialSettings;
  readonly harness: Harness | null;
  /** Recorded in the job's config.json: engine, servers. */
  readonly notes: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

const bothDatasets = ['tb-lite', 'tb-2.1'];

/** Loads the datasets, fetching what is missing, in the order asked for. */
export async function loadDatasets(
  setting: Pick<RunSetting, 'options' | 'env' | 'signal' | 'tell'>,
): Promise<Dataset[]> {
  const datasets: Dataset[] = [];
  for (const name of setting.options.dataset ?? bothDatasets) {
    datasets.push(
      await loadDataset(name, {
        ...datasetPlaces(setting.env),
        pull: 'missing',
        onProgress: setting.tell,
        signal: setting.signal,
      }),
    );
  }
  return datasets;
}

/** One job request for each dataset that has something to run. Throws InputError when there is nothing at all. */
export function planRun(datasets: readonly Dataset[], setting: RunSetting): RunPlan {
  const { options } = setting;
  const names = datasets.flatMap((dataset) => dataset.tasks.map((task) => task.name));
  checkGlobs(names, [...(options.tasks ?? []), ...(options.exclude ?? [])]);
  const notes: string[] = [];
  const requests: JobRequest[] = [];
  for (const dataset of datasets) {
    const chosen = selectTasks(dataset.tasks, {
      include: options.tasks ?? [],
      exclude: options.exclude ?? [],
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    });
    notes.push(...noteworthy(dataset));
    const { tasks, leftOut } = runnableTasks(chosen);
    notes.push(...leftOut);
    if (tasks.length > 0) requests.push(buildRequest({ ...dataset, tasks }, setting, datasets.length > 1));
  }
  if (requests.length === 0) {
    throw new InputError(['there is no task to run', ...notes].join('\n  '), {
      hint: 'See `tbench tasks list`.',
    });
  }
  return { requests, notes };
}

/** Without --job, jobs that the same command started earlier and that did not finish are continued. */
export async function continueJobs(plan: RunPlan, { options }: RunSetting): Promise<RunPlan> {
  if (options.job !== undefined) return plan;
  const requests = await Promise.all(plan.requests.map((request) => continueUnfinished(request)));
  const continued = requests.filter((request, index) => request.name !== plan.requests[index]?.name);
  const notes = continued.map(
    ({ name }) => `continuing ${name}, which did not finish (--job NAME starts another)`,
  );
  return { requests, notes: [...plan.notes, ...notes] };
}

function buildRequest(dataset: Dataset, setting: RunSetting, several: boolean): JobRequest {
  const { options, settings, harness } = setting;
  const name = jobName(dataset, setting, several);
  return {
    name,
    dir: join(options.results, name),
    dataset,
    tasks: dataset.tasks,
    attempts: options.attempts,
    agentKind: options.agent,
    harness:
      harness === null ? null : { name: harness.name, digest: harness.digest, budget: { ...harness.budget } },
    settings,
    concurrency: options.concurrency,
    retries: options.retries,
    notes: setting.notes,
  };
}

function jobName(dataset: Dataset, { options, settings, harness }: RunSetting, several: boolean): string {
  if (options.job !== undefined)
    return several ? `${options.job}__${slug(dataset.name)}` : checkedName(options.job);
  // Milliseconds: two runs started together by a script are two jobs.
  const stamp = new Date().toISOString().slice(0, 23).replace('T', '__').replace(/[:.]/g, '-');
  const who = harness === null ? [options.agent] : [settings.model?.name ?? '', harness.name];
  return [stamp, dataset.name, ...who].map(slug).join('__');
}

/** A folder name from anything: an organisation in front of a model's name is dropped, odd characters become `-`. */
function slug(text: string): string {
  const last =
    text
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? 'x';
  return last.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '');
}

function checkedName(name: string): string {
  if (/^[\w][\w.-]*$/.test(name)) return name;
  throw new InputError(`--job ${name}: a job's name is a folder's name: letters, digits, "-", "_" and "."`);
}

function noteworthy(dataset: Dataset): string[] {
  const broken = dataset.broken.map(
    ({ name, error }) => `${dataset.name}/${name}: left out, cannot be loaded: ${error.message}`,
  );
  const warnings = dataset.warnings.slice(0, 5).map((text) => `${dataset.name}: ${text}`);
  const more = dataset.warnings.length - warnings.length;
  const rest = more > 0 ? [`${dataset.name}: and ${more} more warnings (tbench tasks check)`] : [];
  return [...broken, ...warnings, ...rest];
}
