import { isLocked, refuseHeld, takeFileLock, type FileLock } from '../../base/files/file-lock.js';
import type { JobPaths } from '../../results/layout.js';

/**
 * Makes a job this process's own, or throws `LockedError` when a living one works on it. A process of 0.1.0 says so
 * in lock.json, where Harbor's lock is now.
 */
export async function claimJob({ lock, process }: Pick<JobPaths, 'lock' | 'process'>): Promise<FileLock> {
  await refuseHeld(lock);
  return takeFileLock(process);
}

/** Whether a living process works on the job. */
export async function isClaimed({ lock, process }: Pick<JobPaths, 'lock' | 'process'>): Promise<boolean> {
  return (await isLocked(process)) || (await isLocked(lock));
}
