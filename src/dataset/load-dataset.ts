import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../base/errors.js';
import { findPulled, type PulledCopy } from './source/cache.js';
import { isFolder, loadFolder } from './load-folder.js';
import { gitReference, isGitReference } from './source/git-reference.js';
import { isFetched, loadManifest, type Manifest } from './source/manifest.js';
import { findInRegistry } from './source/registry.js';
import { nearestName } from '../base/nearest-name.js';
import type { DatasetPlaces } from './source/places.js';
import { pullDataset } from './source/pull.js';
import type { Dataset } from './task.js';
import { isFile } from './task-files.js';

export interface LoadDatasetOptions extends DatasetPlaces {
  /** Fetches a dataset that is not in the cache; 'never' throws InputError instead. */
  readonly pull: 'missing' | 'never';
  /** One line of progress at a time, while a pull runs. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** What a name or path on the command line stands for. */
export type DatasetReference =
  | { readonly kind: 'folder'; readonly name: string; readonly dir: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly manifest: Manifest };

/**
 * Loads a dataset by name (`tb-lite`, `sample`, or the name it is published under) or by path (a folder of
 * tasks, one task folder, a dataset.toml), fetching it first when it is neither shipped nor cached. Throws
 * InputError for an unknown name, EnvironmentError when it cannot be fetched.
 */
export async function loadDataset(nameOrPath: string, options: LoadDatasetOptions): Promise<Dataset> {
  const reference = await findDataset(nameOrPath, options);
  if (reference.kind === 'folder') return { ...(await loadFolder(reference.dir)), name: reference.name };
  const { name, manifest } = reference;
  const copy = await ensurePulled(name, manifest, options);
  return loadPulled(name, manifest, copy);
}

/** Finds what `nameOrPath` stands for, without fetching anything. */
export async function findDataset(
  nameOrPath: string,
  { shippedDir, registry = null }: Pick<DatasetPlaces, 'shippedDir' | 'registry'>,
): Promise<DatasetReference> {
  if (isGitReference(nameOrPath)) return { kind: 'manifest', ...gitReference(nameOrPath) };
  const shipped = await shippedDatasets(shippedDir);
  const named = shipped.find((one) => one.name === nameOrPath || publishedAs(one, nameOrPath));
  if (named !== undefined) return named;
  const dir = path.resolve(nameOrPath);
  if (path.basename(dir) === 'dataset.toml' && (await isFile(dir))) return describeFolder(path.dirname(dir));
  if (await isFolder(dir)) return describeFolder(dir);
  const listed = await findListed(nameOrPath, registry);
  if (listed !== null) return { kind: 'manifest', ...listed };
  throw unknownDataset(nameOrPath, shipped, registry);
}

/** What a registry file says: the one that is named (`registry.json#NAME@VERSION`), else the user's own. */
function findListed(nameOrPath: string, registry: string | null): ReturnType<typeof findInRegistry> {
  const [, file, name = ''] = /^(.*\.json)(?:#(.*))?$/s.exec(nameOrPath) ?? [];
  if (file !== undefined) return findInRegistry(path.resolve(file), name);
  return registry === null || nameOrPath === ''
    ? Promise.resolve(null)
    : findInRegistry(path.resolve(registry), nameOrPath);
}

function unknownDataset(
  nameOrPath: string,
  shipped: readonly DatasetReference[],
  registry: string | null,
): InputError {
  const names = shipped.map((one) => one.name);
  if (/^[./~]|\/$/.test(nameOrPath) && !nameOrPath.includes('.json#'))
    return new InputError(`there is no folder ${path.resolve(nameOrPath)}`, {
      hint: `known datasets: ${names.join(', ')}`,
    });
  const near = nearestName(nameOrPath, names);
  const listing =
    registry === null
      ? 'TBENCH_DATASETS_REGISTRY=registry.json adds those of a file'
      : `${registry} has none of that name`;
  return new InputError(`there is no dataset "${nameOrPath}"`, {
    hint: `${near === null ? '' : `did you mean ${near}? `}known names: ${names.join(', ')}; or give a folder of tasks, or git+URL@REF#PATH; ${listing}`,
  });
}

/** The datasets that ship with tbench, as folders of tasks or as manifests. */
export async function shippedDatasets(shippedDir: string): Promise<DatasetReference[]> {
  const entries = await readdir(shippedDir, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => describeFolder(path.join(shippedDir, name))));
}

async function describeFolder(dir: string): Promise<DatasetReference> {
  const name = path.basename(dir);
  const file = path.join(dir, 'dataset.toml');
  if (!(await isFile(file))) return { kind: 'folder', name, dir };
  const manifest = await loadManifest(file);
  return isFetched(manifest) ? { kind: 'manifest', name, manifest } : { kind: 'folder', name, dir };
}

function publishedAs(reference: DatasetReference, name: string): boolean {
  if (reference.kind === 'folder') return false;
  const { publishedName, version } = reference.manifest;
  return name === publishedName || (version !== null && name === `${publishedName}@${version}`);
}

async function ensurePulled(
  name: string,
  manifest: Manifest,
  options: LoadDatasetOptions,
): Promise<PulledCopy> {
  const cached = await findPulled(options.cacheDir, name, manifest);
  if (cached !== null) return cached;
  if (options.pull === 'never')
    throw new InputError(`dataset ${name} has not been fetched`, {
      hint: `tbench datasets pull ${isGitReference(manifest.file) ? manifest.file : name}`,
    });
  return pullDataset({ name, manifest, ...options });
}

async function loadPulled(name: string, manifest: Manifest, copy: PulledCopy): Promise<Dataset> {
  const folder = await loadFolder(copy.dir);
  return {
    ...folder,
    name,
    version: manifest.version,
    origin: { url: copy.url, commit: copy.commit },
    warnings: [...folder.warnings, ...copy.problems.map(({ task, text }) => `${task}: ${text}`)],
  };
}

/**
 * Every dataset that can be loaded without fetching anything: the shipped folders and the fetched manifests.
 * `absent` are the names of those that would have to be fetched.
 */
export async function loadLocalDatasets(
  places: DatasetPlaces,
): Promise<{ readonly datasets: readonly Dataset[]; readonly absent: readonly string[] }> {
  const datasets: Dataset[] = [];
  const absent: string[] = [];
  for (const reference of await shippedDatasets(places.shippedDir)) {
    const copy =
      reference.kind === 'folder' || (await findPulled(places.cacheDir, reference.name, reference.manifest));
    if (copy === null) absent.push(reference.name);
    else datasets.push(await loadDataset(reference.name, { ...places, pull: 'never' }));
  }
  return { datasets, absent };
}
