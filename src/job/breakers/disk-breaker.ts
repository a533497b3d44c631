import { statfs } from 'node:fs/promises';
import { sleep } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';

const gibibyte = 2 ** 30;

export interface DiskLimits {
  /** Less free space than this and no trial starts; on a small disk, less than this share of it. */
  readonly leastFreeBytes: number;
  readonly leastFreeShare: number;
  /** How often a full disk is looked at again, and for how long in all. */
  readonly pollMs: number;
  readonly limitMs: number;
}

export const diskLimits: DiskLimits = {
  leastFreeBytes: gibibyte,
  leastFreeShare: 0.05,
  pollMs: 5_000,
  limitMs: 10 * 60_000,
};

/** Returns when there is room for another trial. */
export type WaitForRoom = (signal: AbortSignal) => Promise<void>;

/**
 * Holds trials back while a disk is nearly full: those under way go on, and free what they took when they end. One line
 * says so, one that it is over; throws EnvironmentError when the disk stays full.
 */
export function diskBreaker(
  dirs: readonly string[],
  tell: (line: string) => void,
  limits: DiskLimits = diskLimits,
): WaitForRoom {
  let waiting = 0;
  let fullSince: number | null = null;
  const wait = async (signal: AbortSignal): Promise<void> => {
    for (let full = await findFull(dirs, limits); full !== null; full = await findFull(dirs, limits)) {
      if (fullSince === null) {
        fullSince = performance.now();
        tell(`no new trials: ${full}; waiting up to ${Math.round(limits.limitMs / 60_000)} min for space`);
      } else if (performance.now() - fullSince > limits.limitMs)
        throw new EnvironmentError(`the disk is full: ${full}`, {
          hint: 'Free some space (tbench clean --images removes built images); the same command continues the job.',
        });
      await sleep(limits.pollMs, signal);
    }
    if (fullSince !== null) tell('there is space again: trials go on');
    fullSince = null;
  };
  // Each waits by its own signal, so that one that is cancelled leaves the others waiting.
  return async (signal) => {
    waiting += 1;
    try {
      await wait(signal);
    } finally {
      waiting -= 1;
      if (waiting === 0) fullSince = null;
    }
  };
}

async function findFull(
  dirs: readonly string[],
  { leastFreeBytes, leastFreeShare }: DiskLimits,
): Promise<string | null> {
  for (const dir of dirs) {
    // A folder that cannot be looked at says nothing about its disk.
    const stats = await statfs(dir).catch(() => null);
    if (stats === null) continue;
    const freeBytes = stats.bavail * stats.bsize;
    const neededBytes = Math.min(leastFreeBytes, stats.blocks * stats.bsize * leastFreeShare);
    if (freeBytes < neededBytes)
      return `${(freeBytes / gibibyte).toFixed(2)} GiB free at ${dir}, ${(neededBytes / gibibyte).toFixed(2)} needed`;
  }
  return null;
}
