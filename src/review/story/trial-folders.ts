import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Folders below `dir` that hold a trial's result, by name; a trial's own folder has none. */
export async function trialFolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, entry.name));
  const results = await Promise.all(
    folders.map((folder) => lstat(join(folder, 'result.json')).catch(() => null)),
  );
  return folders.filter((_, index) => results[index] !== null).sort();
}
