import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readForeignFile } from '../../base/foreign-file.js';
import type { Manifest } from './manifest.js';
import { parseJson } from '../../base/json-value.js';

/** Something about one task of a fetched copy that its user must know. */
export interface CopyProblem {
  readonly task: string;
  readonly kind: 'missing' | 'digest' | 'lfs' | 'unreadable';
  readonly text: string;
}

/** A fetched dataset on this machine. */
export interface PulledCopy {
  /** Folder of task folders. */
  readonly dir: string;
  readonly url: string;
  readonly commit: string;
  readonly pulledAt: string;
  readonly problems: readonly CopyProblem[];
}

/** Written into a copy before it is moved into place: a copy without it is no copy. */
export const markerName = '.tbench-dataset.json';

const markerSchema = z.object({
  url: z.string(),
  commit: z.string(),
  pulledAt: z.string(),
  problems: z.array(
    z.object({
      task: z.string(),
      kind: z.enum(['missing', 'digest', 'lfs', 'unreadable']),
      text: z.string(),
    }),
  ),
});

export function datasetsCache(cacheDir: string): string {
  return path.join(cacheDir, 'datasets');
}

/** Folder of one fetched copy: `<cache>/datasets/<name>@<commit>`. */
export function copyDir(cacheDir: string, name: string, commit: string): string {
  return path.join(datasetsCache(cacheDir), `${name}@${commit}`);
}

/** The copy of a pinned commit, or the one fetched last where the manifest does not pin all; null when there is none. */
export async function findPulled(
  cacheDir: string,
  name: string,
  manifest: Manifest,
): Promise<PulledCopy | null> {
  const { sources, tasks } = manifest;
  for (const { commit } of sources) {
    const copy = commit === null ? null : await readCopy(copyDir(cacheDir, name, commit));
    if (copy !== null) return copy;
  }
  const isPinned = sources.length > 0 && sources.every(({ commit }) => commit !== null);
  if (isPinned && tasks.every(({ place }) => place === null)) return null;
  const entries = await readdir(datasetsCache(cacheDir)).catch(() => []);
  const dirs = entries.filter((entry) => entry.startsWith(`${name}@`));
  const copies = await Promise.all(dirs.map((entry) => readCopy(path.join(datasetsCache(cacheDir), entry))));
  return copies.reduce((best, copy) => (copy !== null && newer(copy, best) ? copy : best), null);
}

function newer(copy: PulledCopy, than: PulledCopy | null): boolean {
  return than === null || copy.pulledAt > than.pulledAt;
}

const maxMarkerBytes = 2 ** 20;

/** Reads a copy's marker; null when the folder is no complete copy. */
export async function readCopy(dir: string): Promise<PulledCopy | null> {
  const file = await readForeignFile(dir, markerName, { maxBytes: maxMarkerBytes });
  if (file.kind !== 'file') return null;
  try {
    return { dir, ...markerSchema.parse(parseJson(file.value.toString('utf8'))) };
  } catch {
    return null;
  }
}

/** The marker's text. */
export function renderMarker(copy: PulledCopy): string {
  const { url, commit, pulledAt, problems } = copy;
  return `${JSON.stringify({ url, commit, pulledAt, problems }, null, 2)}\n`;
}
