import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../base/files/make-folder.js';
import { InputError } from '../../base/errors.js';
import { identify, ownerState } from '../../base/process-identity.js';
import { copyDir, datasetsCache, markerName, readCopy, renderMarker, type PulledCopy } from './cache.js';
import { checkoutTasks, type Checkout } from './checkout.js';
import { runGit } from './git.js';
import { findLfsPointers } from './lfs.js';
import type { Manifest } from './manifest.js';
import { isMissing } from '../task-files.js';
import { verifyCopy } from './verify-copy.js';

export interface PullRequest {
  readonly name: string;
  readonly manifest: Manifest;
  readonly cacheDir: string;
  /** Stands for scheme and host of the manifest's git URL. */
  readonly mirror: string | null;
  /** The environment git runs in. */
  readonly hostEnv: NodeJS.ProcessEnv;
  /** Fetches even a copy that is there, and puts the new one in its place. */
  readonly replace?: boolean;
  /** Bound on the fetch and on the checkout, each; default 30 minutes. */
  readonly timeoutMs?: number;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 30 * 60_000;

/**
 * Fetches a dataset into the cache and returns the copy, with every task that is missing, differs from its
 * published digest or holds Git LFS pointers listed in `problems`. The copy appears in one rename, so that a
 * killed pull leaves nothing behind that looks like one and two pulls at once do not disturb each other.
 */
export async function pullDataset(request: PullRequest): Promise<PulledCopy> {
  const { name, manifest, cacheDir } = request;
  const { source } = manifest;
  if (source === null) throw new InputError(`${manifest.file} has no [dataset.source] to fetch from`);
  const url = withMirror(source.git, request.mirror);
  const onProgress = request.onProgress ?? (() => undefined);
  await makeFolder(datasetsCache(cacheDir));
  await removeAbandoned(cacheDir);
  const work = await mkdtemp(path.join(datasetsCache(cacheDir), workPrefix()));
  try {
    const tree = path.join(work, 'tree');
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    const { hostEnv } = request;
    const limits = {
      hostEnv,
      timeoutMs,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    };
    const checkout = await checkoutTasks({
      dir: tree,
      url,
      source,
      taskNames: manifest.tasks.map((task) => task.name),
      instead:
        'to use a copy on this machine: --dataset PATH; to fetch from a mirror: TBENCH_DATASETS_MIRROR=URL',
      onProgress,
      ...limits,
    });
    await fetchLargeFiles({ tree, folders: [...checkout.folders.values()], onProgress, ...limits });
    const staged = await stage(work, tree, checkout);
    onProgress(`verifying ${checkout.folders.size} tasks`);
    const problems = await verifyCopy(staged, manifest);
    const copy = { url, commit: checkout.commit, pulledAt: new Date().toISOString(), problems };
    request.signal?.throwIfAborted();
    const placed = { ...copy, dir: copyDir(cacheDir, name, checkout.commit) };
    if (request.replace === true) await moveAside(placed.dir, work);
    return await moveIntoPlace(staged, placed);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * `https://github.com/org/repo.git` with mirror `http://host:1/git` is `http://host:1/git/org/repo.git`; so is
 * `git@github.com:org/repo.git`.
 */
export function withMirror(url: string, mirror: string | null): string {
  if (mirror === null) return url;
  const place = url.replace(/^([a-z][\w+.-]*:\/\/[^/]*|[^/:]+:)\/*/i, '');
  return `${mirror.replace(/\/+$/, '')}/${place}`;
}

interface LargeFiles {
  readonly tree: string;
  readonly folders: readonly string[];
  readonly onProgress: (line: string) => void;
  readonly hostEnv: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Lets git-lfs, when it is installed, replace pointers by their content; what it cannot is reported later. */
async function fetchLargeFiles(request: LargeFiles): Promise<void> {
  const { tree, folders } = request;
  const pointers = await Promise.all(
    // A folder that cannot be read is verified, and reported, with the others.
    folders.map((folder) => findLfsPointers(path.join(tree, folder), tree).catch(() => [])),
  );
  if (pointers.flat().length === 0) return;
  const options = { cwd: tree, ...request };
  if ((await runGit(['lfs', 'version'], options)).exitCode !== 0) return;
  request.onProgress('fetching large files with git-lfs');
  await runGit(['lfs', 'install', '--local', '--skip-smudge'], options);
  await runGit(['lfs', 'pull', `--include=${folders.join(',')}`], options);
}

async function stage(work: string, tree: string, checkout: Checkout): Promise<string> {
  const staged = path.join(work, 'copy');
  await mkdir(staged);
  for (const [name, folder] of checkout.folders)
    await rename(path.join(tree, folder), path.join(staged, name));
  return staged;
}

async function moveIntoPlace(staged: string, copy: PulledCopy): Promise<PulledCopy> {
  await writeFile(path.join(staged, markerName), renderMarker(copy));
  try {
    await rename(staged, copy.dir);
    return copy;
  } catch (error) {
    const other = await readCopy(copy.dir);
    if (other !== null) return other;
    throw error;
  }
}

/** The old copy goes with the work folder. */
async function moveAside(dir: string, work: string): Promise<void> {
  await rename(dir, path.join(work, 'old')).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

function workPrefix(): string {
  const { pid, startedAt } = identify();
  return `.pull-${pid}-${startedAt}-`;
}

/** Removes what killed pulls left: their folders carry their owner's pid and when it started. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const entry of await readdir(datasetsCache(cacheDir))) {
    const [, pid, startedAt = ''] = /^\.pull-(\d+)-(?:(\d*)-)?/.exec(entry) ?? [];
    if (pid === undefined || ownerState({ ...identify(), pid: Number(pid), startedAt }) === 'alive') continue;
    await rm(path.join(datasetsCache(cacheDir), entry), { recursive: true, force: true });
  }
}
