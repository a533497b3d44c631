import { Option } from '@commander-js/extra-typings';
import { loadDataset, loadLocalDatasets } from '../dataset/load-dataset.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { checkGlobs, selectTasks } from '../dataset/select.js';
import type { Dataset } from '../dataset/task.js';
import { parseCount } from './run-options.js';

/** Which tasks of which datasets a command is about. */
export interface TaskChoice {
  readonly dataset?: string[];
  readonly tasks?: string[];
  readonly exclude?: string[];
  readonly limit?: number;
}

/** The options every command about tasks shares; the same as those of `tbench run`. */
export const choiceOptions = {
  dataset: new Option('--dataset <name or path>', 'dataset or folder of tasks; repeatable').argParser(
    collect,
  ),
  tasks: new Option('--tasks <glob>', 'only tasks whose name matches; repeatable').argParser(collect),
  exclude: new Option('--exclude <glob>', 'leave out tasks whose name matches; repeatable').argParser(
    collect,
  ),
  limit: new Option('--limit <n>', 'at most this many tasks of each dataset').argParser(parseCount),
};

/** Gathers the values of a repeatable option. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/**
 * Loads the named datasets, or every one on this machine when none is named, and keeps the chosen tasks. A
 * broken task is kept when its name matches. Progress of a pull goes to stderr.
 */
export async function openDatasets(choice: TaskChoice, signal: AbortSignal): Promise<Dataset[]> {
  const datasets = await loadAll(choice.dataset ?? [], signal);
  const all = datasets.flatMap(({ tasks, broken }) => [...tasks, ...broken].map(({ name }) => name));
  checkGlobs(all, [...(choice.tasks ?? []), ...(choice.exclude ?? [])]);
  const globs = { include: choice.tasks ?? [], exclude: choice.exclude ?? [] };
  return datasets
    .map((dataset) => ({
      ...dataset,
      tasks: selectTasks(dataset.tasks, {
        ...globs,
        ...(choice.limit === undefined ? {} : { limit: choice.limit }),
      }),
      broken: selectTasks(dataset.broken, globs),
    }))
    .filter(({ tasks, broken }) => tasks.length + broken.length > 0);
}

async function loadAll(names: readonly string[], signal: AbortSignal): Promise<readonly Dataset[]> {
  const places = datasetPlaces(process.env);
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  if (names.length === 0) {
    const { datasets, absent } = await loadLocalDatasets(places);
    if (absent.length > 0) tell(`not fetched yet: ${absent.join(', ')} (tbench datasets pull NAME)`);
    return datasets;
  }
  const datasets: Dataset[] = [];
  for (const name of new Set(names))
    datasets.push(await loadDataset(name, { ...places, pull: 'missing', onProgress: tell, signal }));
  return datasets;
}
