import { readdir, rmdir, unlink, type FileHandle } from 'node:fs/promises';
import { entryPath, ignoring, openFolder, openParent } from './hostile-folder.js';

/**
 * Removes `path` (absolute, as in the container) below `root`, whatever it is. The tree is hostile and may change
 * meanwhile: every folder is opened without following links and its entries are reached through its descriptor
 * (`/proc/self/fd/N/name`), so that nothing outside `root` can be touched. Nothing there is fine.
 */
export async function removeTree(root: string, path: string): Promise<void> {
  const parent = await openParent(root, path);
  if (parent === null) return;
  try {
    await removeEntry(parent.folder, Buffer.from(parent.name));
  } finally {
    await parent.folder.close();
  }
}

async function removeEntry(folder: FileHandle, name: Buffer): Promise<void> {
  const inner = await openFolder(folder, name);
  if (inner === null) {
    await ignoring(['ENOENT'], unlink(entryPath(folder, name)));
    return;
  }
  try {
    for (const child of await readdir(entryPath(inner, '.'), { encoding: 'buffer' }))
      await removeEntry(inner, child);
  } finally {
    await inner.close();
  }
  await ignoring(['ENOENT'], rmdir(entryPath(folder, name)));
}
