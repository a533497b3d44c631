import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError } from '../../base/errors.js';
import { readJson } from '../../results/read-file.js';
import type { RevisionListing } from './choose-revisions.js';
import { greatest } from '../../base/number/extremes.js';

/** A checkpoint whose files have been left alone for so long is written. */
const quietMs = 30_000;

/** What savers call a folder that they rename when it is whole. */
const temporaryName = /^\.|^tmp|\.(tmp|incomplete|part)$/i;

/**
 * The folders of a folder of checkpoints, each a revision. One is unfinished while a file of it is younger than half a
 * minute, while there is none, or while a shard that its index names is missing: a server would load half a model.
 */
export async function listCheckpoints(dir: string, nowMs: number = Date.now()): Promise<RevisionListing> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((cause: unknown) => {
    throw new EnvironmentError(`the checkpoints of ${dir} cannot be listed`, { cause });
  });
  const names = entries
    .filter((entry) => entry.isDirectory() && !temporaryName.test(entry.name))
    .map(({ name }) => name)
    .sort();
  // One that is taken away while it is looked at is not whole.
  const whole = await Promise.all(names.map((name) => isWhole(join(dir, name), nowMs).catch(() => false)));
  return {
    revisions: names.filter((_, index) => whole[index]).map((revision) => ({ revision, commit: null })),
    unfinished: names.filter((_, index) => whole[index] === false),
  };
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

async function isWhole(dir: string, nowMs: number): Promise<boolean> {
  const files = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isFile());
  if (files.length === 0) return false;
  const times = await Promise.all(files.map(async ({ name }) => (await stat(join(dir, name))).mtimeMs));
  if (greatest(times) > nowMs - quietMs) return false;
  const index = await readJson(dir, 'model.safetensors.index.json', indexSchema);
  if (index.kind === 'missing') return true;
  if (index.kind === 'problem') return false;
  const there = new Set(files.map(({ name }) => name));
  return Object.values(index.value.weight_map).every((shard) => there.has(shard));
}
