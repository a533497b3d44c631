import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { EnvironmentError, InputError } from '../../base/errors.js';
import type { CopyProblem } from './cache.js';
import { checkoutTasks, type CheckoutRequest } from './checkout.js';
import { runGit } from './git.js';
import { findLfsPointers } from './lfs.js';
import type { Manifest, ManifestSource } from './manifest.js';
import { verifyCopy } from './verify-copy.js';

/** How tasks are fetched, whatever they are. */
export interface FetchOptions extends Omit<CheckoutRequest, 'dir' | 'url' | 'source' | 'wanted'> {
  /** Where to work; a folder of its own is made in it for each source. */
  readonly work: string;
  /** The address that stands for a manifest's. */
  readonly urlOf: (git: string) => string;
}

/** Tasks that were fetched from one source, or from the places of their own. */
export interface FetchedTasks {
  /** Folder of task folders. */
  readonly dir: string;
  readonly url: string;
  readonly commit: string;
  readonly problems: readonly CopyProblem[];
}

/**
 * Fetches a manifest's tasks from its sources in turn until one gives them all as they were published; when none does, what came
 * nearest is taken. Tasks that name a place of their own come from there. Throws what the last source threw when none could be
 * fetched from.
 */
export async function fetchTasks(manifest: Manifest, options: FetchOptions): Promise<FetchedTasks> {
  if (manifest.tasks.some(({ place }) => place !== null)) return fetchFromPlaces(manifest, options);
  let best: FetchedTasks | null = null;
  let failure: unknown = new InputError(`${manifest.file} has no [dataset.source] to fetch from`);
  for (const [index, source] of manifest.sources.entries()) {
    try {
      const dir = path.join(options.work, `source-${index}`);
      const wanted =
        manifest.tasks.length === 0 ? null : new Map(manifest.tasks.map(({ name }) => [name, null]));
      const { commit, url } = await fetchSource(dir, source, wanted, options);
      options.onProgress(`verifying ${manifest.tasks.length === 0 ? 'the' : manifest.tasks.length} tasks`);
      const problems = await verifyCopy(dir, manifest);
      if (best === null || problems.length < best.problems.length) best = { dir, url, commit, problems };
      if (problems.length === 0) break;
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      failure = error;
      if (manifest.sources.length > 1) options.onProgress(error.message);
    }
  }
  if (best === null) throw failure;
  return best;
}

/** One checkout for each repository and commit that tasks name. */
async function fetchFromPlaces(manifest: Manifest, options: FetchOptions): Promise<FetchedTasks> {
  const groups = new Map<
    string,
    { readonly source: ManifestSource; readonly wanted: Map<string, string | null> }
  >();
  for (const { name, place } of manifest.tasks) {
    const source = place ?? manifest.sources[0];
    if (source === undefined)
      throw new InputError(`${manifest.file}: ${name} has nowhere to be fetched from`);
    // Tasks without a place of their own lie below the source's path.
    const key = JSON.stringify([source.git, source.commit, source.ref, place === null ? source.path : null]);
    const group = groups.get(key) ?? {
      source: { ...source, path: place === null ? source.path : null },
      wanted: new Map(),
    };
    groups.set(key, group);
    group.wanted.set(name, place?.path ?? null);
  }
  const dir = path.join(options.work, 'places');
  await mkdir(dir);
  const found: { readonly url: string; readonly commit: string }[] = [];
  for (const [index, { source, wanted }] of [...groups.values()].entries()) {
    const part = path.join(options.work, `place-${index}`);
    found.push(await fetchSource(part, source, wanted, options));
    for (const name of wanted.keys())
      await rename(path.join(part, name), path.join(dir, name)).catch(() => undefined);
  }
  const [first] = found;
  if (first === undefined) throw new InputError(`${manifest.file} lists no tasks`);
  const problems = await verifyCopy(dir, manifest);
  return { dir, url: first.url, commit: commitOf(found), problems };
}

/** The commit of a copy: of several repositories the digest of theirs. */
function commitOf(found: readonly { readonly url: string; readonly commit: string }[]): string {
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first.commit;
  const lines = found.map(({ url, commit }) => `${url}\0${commit}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex').slice(0, 40);
}

/** Checks the wanted tasks out, large files included, and puts their folders into `dir` under their names. */
async function fetchSource(
  dir: string,
  source: ManifestSource,
  wanted: CheckoutRequest['wanted'],
  { work, urlOf, ...options }: FetchOptions,
): Promise<{ readonly commit: string; readonly url: string }> {
  const tree = path.join(work, `tree-${path.basename(dir)}`);
  const url = urlOf(source.git);
  const { commit, folders } = await checkoutTasks({ ...options, dir: tree, url, source, wanted });
  await fetchLargeFiles(tree, [...folders.values()], options);
  await rm(path.join(tree, '.git'), { recursive: true, force: true });
  await mkdir(dir);
  const shared = overlapping([...folders.values()]);
  for (const [name, folder] of folders) {
    const [from, to] = [path.join(tree, folder), path.join(dir, name)];
    // Modes are kept; a link stays as it is in the repository.
    if (shared) await cp(from, to, { recursive: true, verbatimSymlinks: true });
    else await rename(from, to);
  }
  return { commit, url };
}

/** Whether one of the folders is another one, or lies in it: moving the one would take the other along. */
function overlapping(folders: readonly string[]): boolean {
  const inner = folders.map((folder) => (folder === '.' ? '/' : `/${folder}/`)).sort();
  // Sorted, whatever lies in a folder follows it at once.
  return inner.some((folder, index) => index > 0 && folder.startsWith(inner[index - 1] ?? ''));
}

/** Lets git-lfs, when it is installed, replace pointers by their content; what it cannot is reported later. */
async function fetchLargeFiles(
  tree: string,
  folders: readonly string[],
  options: Omit<FetchOptions, 'work' | 'urlOf'>,
): Promise<void> {
  const pointers = await Promise.all(
    // A folder that cannot be read is verified, and reported, with the others.
    folders.map((folder) => findLfsPointers(path.join(tree, folder), tree).catch(() => [])),
  );
  if (pointers.flat().length === 0) return;
  const place = { cwd: tree, ...options };
  if ((await runGit(['lfs', 'version'], place)).exitCode !== 0) return;
  options.onProgress('fetching large files with git-lfs');
  await runGit(['lfs', 'install', '--local', '--skip-smudge'], place);
  await runGit(['lfs', 'pull', `--include=${folders.join(',')}`], place);
}
