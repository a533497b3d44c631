import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../base/files/make-folder.js';
import { ResultsError } from '../base/errors.js';
import { privateModes } from './private-modes.js';

/**
 * Writes a whole file or nothing: a temporary file beside it, flushed, then renamed over it. A crash or a
 * full disk leaves the old file as it was. Creates the folder. Throws `ResultsError`.
 */
export async function writeFileAtomic(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(path, error);
  }
}

/** `writeFileAtomic` of a file of a job folder. */
export async function writePrivate(path: string, content: string | Buffer): Promise<void> {
  await writeFileAtomic(path, content, privateModes.file);
}

/** `writePrivate` of a value as indented JSON. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writePrivate(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The error of a failed write, with what to do about the usual causes. */
export function writeError(path: string, error: unknown): ResultsError {
  const code = (error as NodeJS.ErrnoException).code;
  const reason = error instanceof Error ? error.message : String(error);
  const hint = writeHints[code ?? ''];
  return new ResultsError(`cannot write ${path}: ${reason}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

const writeHints: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space, then run the same command again: finished trials are kept.',
  EDQUOT: 'The disk quota is used up. Free some space, then run the same command again.',
  EACCES: 'Choose a folder you may write to with --results DIR.',
  EROFS: 'Choose a folder you may write to with --results DIR.',
};

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
