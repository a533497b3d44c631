import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ResultsError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { trialPaths } from '../../results/layout.js';
import { privateModes } from '../../results/private-modes.js';
import { unpackFolder } from '../../sandbox/files/pack-folder.js';
import type { Delivery } from './messages.js';
import { takePieces, type PieceStore } from './pieces.js';

/** What a worker may send of one trial: more would fill Redis. */
export const mostFolderBytes = 512 * 2 ** 20;
const limits = { maxEntries: 100_000, maxFileBytes: 16 * 2 ** 30, maxTotalBytes: 64 * 2 ** 30 };

/**
 * Brings what a worker sent into the trial's folder, whole or not at all: unpacked beside it, then moved. The trial has its
 * `result.json` only when the job keeps the outcome. Throws `ResultsError` for an archive that is not what was sent.
 */
export async function takeDelivery(
  jobDir: string,
  { trial, folder, outcome }: Delivery,
  store: PieceStore,
): Promise<readonly string[]> {
  if (outcome.result.trial_name !== trial)
    throw new ResultsError(`a delivery of ${trial} holds another trial`);
  const content = await takePieces(store, folder, mostFolderBytes);
  const { dir } = trialPaths(jobDir, trial);
  const arrived = join(jobDir, `.arriving-${trial}`);
  try {
    await rm(arrived, { recursive: true, force: true });
    const { refused, exceeded } = await unpackFolder(content, arrived, limits);
    if (exceeded !== null) throw new ResultsError(`what came of trial ${trial} is ${exceeded}`);
    await makeFolder(dir, privateModes.folder);
    for (const name of await readdir(arrived)) {
      if (name === 'result.json' || name === 'tries') continue;
      await rm(join(dir, name), { recursive: true, force: true });
      await rename(join(arrived, name), join(dir, name));
    }
    return refused.map(({ path, reason }) => `${path}: ${reason}`);
  } finally {
    await rm(arrived, { recursive: true, force: true });
  }
}
