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

async function blocksOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).blocks;
  } catch {
    return 0;
  }
}
