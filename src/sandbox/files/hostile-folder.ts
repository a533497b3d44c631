import { constants, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';

const folderItself = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Path of an entry through its folder's descriptor: no component of it can be swapped for a link meanwhile. */
export function entryPath(folder: FileHandle, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${folder.fd}/`), Buffer.from(name)]);
}

/** Opens a folder without following a link; null when it is none, a link included, or not there. */
export async function openFolder(folder: FileHandle, name: string | Buffer): Promise<FileHandle | null> {
  return ignoring(['ENOTDIR', 'ELOOP', 'ENOENT'], open(entryPath(folder, name), folderItself));
}

/**
 * Opens the folder that holds `path` (absolute, as in the container) below `root`, one component at a time.
 * null when a component is missing or a link. The caller closes it.
 */
export async function openParent(
  root: string,
  path: string,
): Promise<{ readonly folder: FileHandle; readonly name: string } | null> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  const name = parts.pop();
  if (name === undefined || [...parts, name].includes('..')) throw new Error(`no entry of a folder: ${path}`);
  let folder = await open(root, folderItself);
  for (const part of parts) {
    const next = await openFolder(folder, part).catch(() => null);
    await folder.close();
    if (next === null) return null;
    folder = next;
  }
  return { folder, name };
}

/**
 * lstat of `path` (absolute, as in the container) below `root`: null when there is nothing, 'link' when a component or
 * the entry itself is one, which only the container can resolve.
 */
export async function statBelow(root: string, path: string): Promise<Stats | null | 'link'> {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.includes('..')) return 'link';
  let folder = await open(root, folderItself);
  try {
    for (;;) {
      const name = parts.shift() ?? '';
      const found = await ignoring(['ENOENT'], lstat(entryPath(folder, name)));
      if (found === null || found.isSymbolicLink()) return found === null ? null : 'link';
      if (parts.length === 0) return found;
      const next = await openFolder(folder, name);
      if (next === null) return 'link';
      await folder.close();
      folder = next;
    }
  } finally {
    await folder.close();
  }
}

/** The result, or null for one of the expected error codes. */
export async function ignoring<T>(codes: readonly string[], work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
