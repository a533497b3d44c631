import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes that the files below a folder occupy, links not followed; null when the folder cannot be read. What
 * vanishes meanwhile counts nothing: a living container writes while we look.
 */
export async function diskUsage(folder: string, signal?: AbortSignal): Promise<number | null> {
  const pending = [folder];
  let blocks = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    signal?.throwIfAborted();
    try {
      for await (const entry of await opendir(next)) {
        const path = join(next, entry.name);
        if (entry.isDirectory()) pending.push(path);
        blocks += await blocksOf(path);
      }
    } catch {
      if (next === folder) return null;
    }
  }
  return blocks * 512;
}

/** The sum over folders: what an image declares as a VOLUME lies beside its container's own files. null when one cannot be read. */
export async function diskUsageOf(folders: readonly string[], signal?: AbortSignal): Promise<number | null> {
  let sum = 0;
  for (const folder of folders) {
    const bytes = await diskUsage(folder, signal);
    if (bytes === null) return null;
    sum += bytes;
  }
  return sum;
}

async function blocksOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).blocks;
  } catch {
    return 0;
  }
}
