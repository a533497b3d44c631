import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of a trial's folder. */
export interface KeptFile {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
}

const mostFiles = 400;
const deepest = 8;

/** The regular files of a trial's folder by path: no links, no devices, at most 400 of them. */
export async function listKeptFiles(dir: string): Promise<KeptFile[]> {
  const files: KeptFile[] = [];
  const walk = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(dir, below), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (files.length >= mostFiles) return;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && depth < deepest) await walk(path, depth + 1);
      if (!entry.isFile()) continue;
      const found = await lstat(join(dir, path)).catch(() => null);
      if (found !== null) files.push({ path, sizeBytes: found.size });
    }
  };
  await walk('', 0);
  return files;
}
