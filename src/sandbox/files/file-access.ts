import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import { InputError, SandboxError } from '../../base/errors.js';
import type { ContainerStreams } from '../container-streams.js';
import type { UploadFile } from '../sandbox.js';

/** One regular file's bytes (links are followed, inside the container); null when there is none. */
export async function readContainerFile(
  streams: ContainerStreams,
  path: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer | null> {
  const tar = await streams.getArchive(path, signal);
  if (tar === null) return null;
  try {
    return await firstFile(tar, path, maxBytes);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SandboxError) throw error;
    throw new SandboxError(`the archive of ${path} that came from the sandbox is broken`, { cause: error });
  } finally {
    tar.destroy();
  }
}

async function firstFile(tar: Readable, path: string, maxBytes: number): Promise<Buffer | null> {
  const entries = extract();
  tar.on('error', (error) => entries.destroy(error));
  tar.pipe(entries);
  for await (const entry of entries) {
    const { type, size } = entry.header;
    if (type !== 'file' && type !== 'contiguous-file') return null;
    if (size > maxBytes)
      throw new SandboxError(`${path} has ${size} bytes, more than the ${maxBytes} that may be read`);
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  return null;
}

/** Puts files below `targetDir` (absolute), folders as needed; without files it is a folder that anyone may write into. Throws InputError for a path that leaves it. */
export async function uploadFiles(
  streams: ContainerStreams,
  targetDir: string,
  files: readonly UploadFile[],
  signal?: AbortSignal,
): Promise<void> {
  const tar = pack();
  const folder = posix.normalize(targetDir).replace(/^\/+/, '').replace(/\/+$/, '');
  if (files.length === 0 && folder !== '') tar.entry({ name: `${folder}/`, type: 'directory', mode: 0o777 });
  for (const { path, content, mode } of files) {
    const parts = path.split('/');
    if (path === '' || path.includes('\0') || parts.includes('..') || parts.includes('')) {
      throw new InputError(`cannot upload ${JSON.stringify(path)}: its path must lie below ${targetDir}`);
    }
    tar.entry({ name: posix.join(folder, path), mode: mode & 0o7777, uid: 0, gid: 0 }, content);
  }
  tar.finalize();
  await streams.putArchive('/', Readable.from(tar), signal);
}
