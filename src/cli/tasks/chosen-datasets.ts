import { chooseTasks } from '../../dataset/select.js';
import type { Dataset } from '../../dataset/task.js';
import { loadDatasets, loadDatasetsHere } from '../../run/datasets/load-datasets.js';
import { taskSelection, type TaskOptions } from '../options/task-options.js';
import { tell } from '../tell.js';

/** The chosen tasks of the named datasets, or of every one on this machine when none is named. */
export async function chosenDatasets(options: TaskOptions, signal: AbortSignal): Promise<Dataset[]> {
  const surroundings = { env: process.env, signal, tell };
  const names = options.dataset ?? [];
  const datasets =
    names.length === 0 ? await loadDatasetsHere(surroundings) : await loadDatasets(names, surroundings);
  return chooseTasks(datasets, taskSelection(options));
}

/** Datasets may be named with or without `--dataset`. */
export function withNames(options: TaskOptions, names: readonly string[]): TaskOptions {
  const dataset = [...names, ...(options.dataset ?? [])];
  return dataset.length === 0 ? options : { ...options, dataset };
}
