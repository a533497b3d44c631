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

/**
 * Streams a file, or what lies in a folder, of the host into a folder of a container: root's, permission bits and links as they
 * are, names as they were in the sandbox that they came from.
 */
export async function sendTree(
  streams: Pick<ContainerStreams, 'putArchive'>,
  hostPath: string,
  targetDir: string,
  { name, signal }: SendOptions,
): Promise<void> {
  const found = await lstat(hostPath);
  const tar = tarOf((into) =>
    found.isDirectory() ? addFolder(into, hostPath, '') : addEntry(into, hostPath, name),
  );
  await streams.putArchive(targetDir, Readable.from(tar), signal);
}

/** Adds what lies in a folder, below a name that ends in a slash. */
export async function addFolder(tar: Pack, dir: string, below: string): Promise<void> {
  for await (const { name } of await opendir(dir))
    await addEntry(tar, join(dir, name), `${below}${decodeName(name)}`);
}

async function addEntry(tar: Pack, path: string, name: string): Promise<void> {
  const found = await lstat(path);
  const header = { name, mode: found.mode & 0o777, mtime: found.mtime, uid: 0, gid: 0 };
  if (found.isDirectory()) {
    tar.entry({ ...header, name: `${name}/`, type: 'directory' });
    await addFolder(tar, path, `${name}/`);
  } else if (found.isSymbolicLink())
    tar.entry({ ...header, mode: 0o777, type: 'symlink', linkname: await readlink(path) });
  else if (found.isFile()) await pipeline(createReadStream(path), tar.entry({ ...header, size: found.size }));
}
