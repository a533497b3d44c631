import { InputError } from '../../base/errors.js';
import { findDataset } from '../../dataset/load-dataset.js';
import { findPulled, type PulledCopy } from '../../dataset/source/cache.js';
import type { Manifest } from '../../dataset/source/manifest.js';
import { datasetPlaces } from '../../dataset/source/places.js';
import { pullDataset } from '../../dataset/source/pull.js';
import type { DatasetSurroundings } from './load-datasets.js';

/** A named dataset whose tasks are on this machine. */
export interface PulledDataset {
  readonly name: string;
  readonly manifest: Manifest;
  readonly copy: PulledCopy;
  /** False when the copy was there already and nothing was fetched. */
  readonly isFetched: boolean;
}

/**
 * Fetches a dataset by name or dataset.toml unless its pinned commit is here already; `force` fetches again.
 * `url` stands in for the dataset's own git URL, mirror included.
 * @throws InputError for a dataset that has nowhere to be fetched from
 */
export async function pullNamedDataset(
  nameOrFile: string,
  { force, url }: { readonly force: boolean; readonly url: string | null },
  { env, signal, tell }: DatasetSurroundings,
): Promise<PulledDataset> {
  const places = datasetPlaces(env);
  const reference = await findDataset(nameOrFile, places);
  if (reference.kind === 'folder')
    throw new InputError(`${reference.name} needs no fetching: its tasks are in ${reference.dir}`);
  const { name, manifest } = reference;
  const known = force ? null : await findPulled(places.cacheDir, name, manifest);
  if (known !== null) return { name, manifest, copy: known, isFetched: false };
  const copy = await pullDataset({
    name,
    manifest: url === null ? manifest : fetchedFrom(url, manifest),
    cacheDir: places.cacheDir,
    mirror: url === null ? places.mirror : null,
    hostEnv: places.hostEnv,
    replace: force,
    onProgress: tell,
    signal,
  });
  return { name, manifest, copy, isFetched: true };
}

/** One source at another address; the first of them says which commit. */
function fetchedFrom(url: string, manifest: Manifest): Manifest {
  const [first = { git: url, commit: null, ref: null, path: null }] = manifest.sources;
  return { ...manifest, sources: [{ ...first, git: url }] };
}
