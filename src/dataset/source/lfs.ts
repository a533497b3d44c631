import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { openForeignFile, readRange } from '../../base/foreign-file.js';
import { markerName } from './cache.js';
import { listFiles } from '../task-files.js';

const pointerStart = 'version https://git-lfs.github.com/spec/v1';
const largestPointerBytes = 1024;

/** Files below `dir` that are Git LFS pointers, their content left on the server; relative paths, sorted. */
export async function findLfsPointers(dir: string, root: string = dir): Promise<string[]> {
  const pointers: string[] = [];
  for (const file of await listFiles(dir, root)) {
    if (file.sizeBytes > largestPointerBytes || file.sizeBytes < pointerStart.length) continue;
    if (await startsLikePointer(file.absolute)) pointers.push(file.path);
  }
  return pointers;
}

/**
 * Whether a folder lies in a git work tree or was fetched from one. Elsewhere a file that looks like a pointer is
 * material of the task, about Git LFS perhaps: nobody could have left its content on a server.
 */
export async function comesFromGit(dir: string): Promise<boolean> {
  for (let folder = path.resolve(dir); ; folder = path.dirname(folder)) {
    for (const sign of ['.git', markerName]) {
      if ((await lstat(path.join(folder, sign)).catch(() => null)) !== null) return true;
    }
    if (folder === path.dirname(folder)) return false;
  }
}

async function startsLikePointer(file: string): Promise<boolean> {
  // listFiles has judged where a link leads.
  const real = await realpath(file);
  const found = await openForeignFile(path.dirname(real), path.basename(real));
  if (found.kind !== 'file') return false;
  await using handle = found.value;
  const start = await readRange(handle, { start: 0, length: pointerStart.length });
  return start.toString('latin1') === pointerStart;
}
