import { access, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ResultsError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { trialPaths } from '../../results/layout.js';
import { privateModes } from '../../results/private-modes.js';
import type { Redact } from '../../results/redact.js';
import { writeTrialResult } from '../../results/trial-store.js';
import { unpackFolder } from '../../sandbox/files/pack-folder.js';
import type { Delivery } from './messages.js';
import { takePieces, type PieceStore } from './pieces.js';

/** What a worker may send of one trial: more would fill Redis. */
export const mostFolderBytes = 512 * 2 ** 20;
const limits = { maxEntries: 100_000, maxFileBytes: 16 * 2 ** 30, maxTotalBytes: 64 * 2 ** 30 };
/** Beside the trials of a job: what is being unpacked, and the earlier tries of the one that takes its place. */
const [arriving, aside] = ['.arriving', '.tries'];

/** Where the tries of a job arrive. */
export interface ArrivalFolder {
  /** The job's. */
  readonly dir: string;
  readonly redact: Redact;
}

/**
 * Puts what a worker sent in the place of the trial's folder, whole and with its `result.json` or not at all: it is unpacked beside it,
 * then moved there in one step. Returns what of it was refused; null when Redis has lost a part of it. Throws `ResultsError` for an
 * archive that is not what was sent.
 */
export async function takeDelivery(
  { dir, redact }: ArrivalFolder,
  { trial, folder, outcome }: Delivery,
  store: PieceStore,
): Promise<readonly string[] | null> {
  if (outcome.result.trial_name !== trial)
    throw new ResultsError(`a delivery of ${trial} holds another trial`);
  const content = await takePieces(store, folder, mostFolderBytes);
  if (content === null) return null;
  // The trial as it will be, in a job of its own.
  const unpacked = join(dir, `${arriving}-${trial}`);
  const paths = trialPaths(unpacked, trial);
  try {
    await rm(unpacked, { recursive: true, force: true });
    await makeFolder(unpacked, privateModes.folder);
    const { refused, exceeded } = await unpackFolder(content, paths.dir, limits);
    if (exceeded !== null) throw new ResultsError(`what came of trial ${trial} is ${exceeded}`);
    for (const own of [paths.triesDir, paths.claim, paths.answers])
      await rm(own, { recursive: true, force: true });
    await writeTrialResult(unpacked, outcome.result, redact);
    await replaceTrial(dir, trial, paths.dir);
    return refused.map(({ path, reason }) => `${path}: ${reason}`);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** The earlier tries stay the trial's: they stand aside meanwhile. */
async function replaceTrial(jobDir: string, trial: string, from: string): Promise<void> {
  const { dir, triesDir } = trialPaths(jobDir, trial);
  const tries = join(jobDir, `${aside}-${trial}`);
  const hasTries = await isThere(triesDir);
  if (hasTries) await rename(triesDir, tries);
  await rm(dir, { recursive: true, force: true });
  await rename(from, dir);
  if (hasTries) await rename(tries, triesDir);
}

/** Clears up what a coordinator left that died while a delivery arrived. */
export async function mendArrivals(jobDir: string): Promise<void> {
  for (const name of await readdir(jobDir)) {
    if (name.startsWith(`${arriving}-`)) await rm(join(jobDir, name), { recursive: true, force: true });
    if (!name.startsWith(`${aside}-`)) continue;
    const { dir, triesDir } = trialPaths(jobDir, name.slice(aside.length + 1));
    await makeFolder(dir, privateModes.folder);
    await rename(join(jobDir, name), triesDir);
  }
}

/** Whether the job has this try already, or is beyond it. */
export async function isSuperseded(
  jobDir: string,
  { trial, tries }: Pick<Delivery, 'trial' | 'tries'>,
): Promise<boolean> {
  const { result, triesDir } = trialPaths(jobDir, trial);
  const earlier = (await readdir(triesDir).catch(() => [])).length;
  return tries <= earlier || (tries === earlier + 1 && (await isThere(result)));
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
