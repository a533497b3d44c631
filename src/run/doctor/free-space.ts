import type { StatsFs } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EngineInfo } from '../../sandbox/container-engine.js';
import { okCheck, type Check } from './check.js';

const gibibyte = 2 ** 30;
const leastFreeBytes = 10 * gibibyte;

/** Free space where a folder lies, or will lie. A full disk stops a job, but loses nothing. */
export async function checkDisk(name: string, path: string): Promise<Check> {
  const stats = await nearestStatfs(path);
  const freeBytes = stats.bavail * stats.bsize;
  const detail = `${(freeBytes / gibibyte).toFixed(1)} GiB free at ${path}`;
  if (freeBytes >= leastFreeBytes) return okCheck(name, detail);
  return {
    name,
    state: 'warn',
    detail,
    mend: 'Images of TB 2.1 need about 9 GiB; free some space or move the folder.',
  };
}

/** Free space where the engine keeps images and sandboxes; nothing to say when that is another machine's disk. */
export async function checkEngineDisk({ storageDir }: EngineInfo): Promise<Check[]> {
  if (storageDir === null) return [];
  const isHere = await access(storageDir).then(
    () => true,
    () => false,
  );
  return isHere ? [await checkDisk('storage', storageDir)] : [];
}

/** What a run says before its first sandbox when space is short where results, or images and sandboxes, go. */
export async function freeSpaceWarnings(resultsDir: string, engine: EngineInfo): Promise<readonly string[]> {
  const checks = [await checkDisk('disk', resultsDir), ...(await checkEngineDisk(engine))];
  const short = checks.filter(({ state }) => state !== 'ok');
  return short.map(({ detail, mend }) => `little disk space: ${detail}. ${mend ?? ''}`);
}

/** The file system a path will lie on: of its nearest ancestor that exists. */
async function nearestStatfs(path: string): Promise<StatsFs> {
  try {
    return await statfs(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return nearestStatfs(parent);
  }
}
