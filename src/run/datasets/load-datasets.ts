import { loadDataset, loadLocalDatasets } from '../../dataset/load-dataset.js';
import { datasetPlaces } from '../../dataset/source/places.js';
import type { Dataset } from '../../dataset/task.js';
import type { Surroundings } from '../surroundings.js';

/** What datasets are loaded with; a pull tells its progress. */
export type DatasetSurroundings = Pick<Surroundings, 'env' | 'signal' | 'tell'>;

/** Loads datasets by name or path, each once and in the order asked for; fetches what is missing. */
export async function loadDatasets(
  names: readonly string[],
  { env, signal, tell }: DatasetSurroundings,
): Promise<Dataset[]> {
  const places = datasetPlaces(env);
  const datasets: Dataset[] = [];
  for (const name of new Set(names))
    datasets.push(await loadDataset(name, { ...places, pull: 'missing', onProgress: tell, signal }));
  return datasets;
}

/** Every dataset that is on this machine; tells the names of those that are not. */
export async function loadDatasetsHere({ env, tell }: DatasetSurroundings): Promise<readonly Dataset[]> {
  const { datasets, absent } = await loadLocalDatasets(datasetPlaces(env));
  if (absent.length > 0) tell(`not fetched yet: ${absent.join(', ')} (tbench datasets pull NAME)`);
  return datasets;
}
