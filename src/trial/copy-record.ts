import { createWriteStream } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { appendAll } from '../base/append-all.js';
import { ResultsError } from '../base/errors.js';
import { openForeignFile } from '../base/foreign-file.js';
import { privateModes } from '../results/private-modes.js';
import { writeError } from '../results/write-file.js';

/** More than a task may keep; a file with holes says any size, and its copy would fill the disk. */
const mostFileBytes = 16 * 2 ** 30;
/** Folders in one another: deeper than any record of a trial. */
const maxDepth = 32;

/**
 * Copies a folder of records, regular files only; returns the paths, relative to `from`, of what was left out: links,
 * devices, pipes, files above 16 GiB. Throws `ResultsError` when it cannot be written or is too deep.
 */
export async function copyRecord(from: string, to: string, below = ''): Promise<readonly string[]> {
  if (below.split('/').length > maxDepth) throw new ResultsError(`${from} has more than ${maxDepth} levels`);
  const leftOut: string[] = [];
  await mkdir(join(to, below), { recursive: true, mode: privateModes.folder }).catch((error: unknown) => {
    throw writeError(join(to, below), error);
  });
  for (const entry of await readdir(join(from, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) appendAll(leftOut, await copyRecord(from, to, path));
    else if (!(await copyFile(from, to, path))) leftOut.push(path);
  }
  return leftOut;
}

async function copyFile(from: string, to: string, path: string): Promise<boolean> {
  const opened = await openForeignFile(from, path);
  if (opened.kind !== 'file') return false;
  await using file = opened.value;
  if ((await file.stat()).size > mostFileBytes) return false;
  const target = createWriteStream(join(to, path), { flags: 'wx', mode: privateModes.file, flush: true });
  await pipeline(file.createReadStream({ autoClose: false }), target).catch((error: unknown) => {
    throw writeError(join(to, path), error);
  });
  return true;
}
