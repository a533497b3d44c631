import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../base/files/make-folder.js';
import { identify, ownerState } from '../../base/process-identity.js';
import { copyDir, datasetsCache, markerName, readCopy, renderMarker, type PulledCopy } from './cache.js';
import { fetchTasks } from './fetch-tasks.js';
import type { Manifest } from './manifest.js';
import { isMissing } from '../task-files.js';

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
  const { name, manifest, cacheDir, hostEnv, signal } = request;
  await makeFolder(datasetsCache(cacheDir));
  await removeAbandoned(cacheDir);
  const work = await mkdtemp(path.join(datasetsCache(cacheDir), workPrefix()));
  try {
    const { dir, url, commit, problems } = await fetchTasks(manifest, {
      work,
      urlOf: (git) => withMirror(git, request.mirror),
      hostEnv,
      timeoutMs: request.timeoutMs ?? defaultTimeoutMs,
      instead:
        'to use a copy on this machine: --dataset PATH; to fetch from a mirror: TBENCH_DATASETS_MIRROR=URL',
      onProgress: request.onProgress ?? (() => undefined),
      ...(signal === undefined ? {} : { signal }),
    });
    signal?.throwIfAborted();
    const copy = { url, commit, pulledAt: new Date().toISOString(), problems };
    const placed = { ...copy, dir: copyDir(cacheDir, name, commit) };
    if (request.replace === true) await moveAside(placed.dir, work);
    return await moveIntoPlace(dir, placed);
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
