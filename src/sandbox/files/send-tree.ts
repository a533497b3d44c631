import { createReadStream } from 'node:fs';
import { lstat, opendir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import type { ContainerStreams } from '../container-streams.js';
import type { SendOptions } from '../sandbox.js';
import { decodeName } from './entry-name.js';
import { tarOf } from './tar-of.js';

/** Whose a file is in the container, and its permission bits there; null keeps its own. */
interface EntryOwner {
  readonly mode: number | null;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Streams a file, or what lies in a folder, of the host into a folder of a container: root's, permission bits and links as they
 * are unless others are named for a file, names as they were in the sandbox that they came from.
 */
export async function sendTree(
  streams: Pick<ContainerStreams, 'putArchive'>,
  hostPath: string,
  targetDir: string,
  { name, signal, mode = null, uid = 0, gid = 0 }: SendOptions & Partial<EntryOwner>,
): Promise<void> {
  const found = await lstat(hostPath);
  const tar = tarOf((into) =>
    found.isDirectory() ? addFolder(into, hostPath, '') : addEntry(into, hostPath, name, { mode, uid, gid }),
  );
  await streams.putArchive(targetDir, Readable.from(tar), signal);
}

/** Adds what lies in a folder, below a name that ends in a slash. */
export async function addFolder(tar: Pack, dir: string, below: string): Promise<void> {
  for await (const { name } of await opendir(dir))
    await addEntry(tar, join(dir, name), `${below}${decodeName(name)}`);
}

async function addEntry(
  tar: Pack,
  path: string,
  name: string,
  { mode, uid, gid }: EntryOwner = { mode: null, uid: 0, gid: 0 },
): Promise<void> {
  const found = await lstat(path);
  const header = { name, mode: mode ?? found.mode & 0o777, mtime: found.mtime, uid, gid };
  if (found.isDirectory()) {
    tar.entry({ ...header, name: `${name}/`, type: 'directory' });
    await addFolder(tar, path, `${name}/`);
  } else if (found.isSymbolicLink())
    tar.entry({ ...header, mode: 0o777, type: 'symlink', linkname: await readlink(path) });
  else if (found.isFile()) await pipeline(createReadStream(path), tar.entry({ ...header, size: found.size }));
}
