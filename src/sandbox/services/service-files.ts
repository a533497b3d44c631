import { lstat } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { ContainerStreams } from '../container-streams.js';
import { sendTree } from '../files/send-tree.js';
import type { ServiceSpec } from '../../record/service-spec.js';

/**
 * Puts a service's files in place before it starts, and makes its working directory where the image lacks it (Docker does that,
 * podman refuses to start). Copies instead of mounts: a task's folder stays as it is, and an engine elsewhere has it too.
 */
export async function putServiceFiles(
  streams: Pick<ContainerStreams, 'putArchive' | 'statPath'>,
  { files, workdir }: Pick<ServiceSpec, 'files' | 'workdir'>,
  signal?: AbortSignal,
): Promise<void> {
  if (workdir !== null) await makeFolder(streams, workdir, signal);
  for (const { source, target, mode, uid, gid } of files) {
    const isFolder = source === null || (await lstat(source)).isDirectory();
    const folder = isFolder ? target : posix.dirname(target);
    await makeFolder(streams, folder, signal);
    if (source === null) continue;
    const name = posix.basename(target);
    await sendTree(streams, source, folder, { name, mode, uid, gid, ...(signal && { signal }) });
  }
}

async function makeFolder(
  streams: Pick<ContainerStreams, 'putArchive' | 'statPath'>,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  if (folder === '/' || (await streams.statPath(folder, signal)) !== null) return;
  const tar = pack();
  tar.entry({ name: `${folder.replace(/^\/+/, '')}/`, type: 'directory', mode: 0o755 });
  tar.finalize();
  await streams.putArchive('/', Readable.from(tar), signal);
}
