import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink, type FileHandle } from 'node:fs/promises';
import type { DownloadLimits, DownloadReport } from '../sandbox.js';
import { HostileDownload, refusals } from './hostile-download.js';
import { entryPath, ignoring, openFolder, openParent } from './hostile-folder.js';

const source = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const blockBytes = 1024 * 1024;

/**
 * Copies a file of a container, or those of a folder, to the host straight from its mounted root: what `unpack` does
 * with the engine's archive, in a hundredth of the time, and a huge sparse file costs nothing. Returns null
 * when `path` is not reached without following a link: then the engine must be asked.
 */
export async function copyTree(
  root: string,
  path: string,
  options: {
    readonly hostDir: string;
    readonly limits: DownloadLimits;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<DownloadReport | null> {
  const parent = await openParent(root, path);
  if (parent === null) return null;
  try {
    const folder = await openFolder(parent.folder, parent.name);
    const download = new HostileDownload(options.hostDir, options.limits);
    const copying = { download, signal: options.signal };
    if (folder === null) {
      const stat = await ignoring(['ENOENT'], lstat(entryPath(parent.folder, parent.name)));
      if (stat?.isFile() !== true) return null;
    }
    await mkdir(options.hostDir, { recursive: true, mode: 0o700 });
    if (folder === null)
      await copyEntry(copying, parent.folder, { name: Buffer.from(parent.name), below: '' });
    else await copyFolder(copying, folder, '');
    await copying.download.finish();
    return download.report;
  } finally {
    await parent.folder.close();
  }
}

interface Copying {
  readonly download: HostileDownload;
  readonly signal: AbortSignal | undefined;
}

/** Copies what lies in an open folder, `below` the one that was asked for, and closes it. */
async function copyFolder(copying: Copying, folder: FileHandle, below: string): Promise<void> {
  try {
    const names = await readdir(entryPath(folder, '.'), { encoding: 'buffer' });
    for (const name of names.sort((one, other) => one.compare(other))) {
      copying.signal?.throwIfAborted();
      if (!copying.download.hasRoom(below)) return;
      await copyEntry(copying, folder, { name, below });
    }
  } finally {
    await folder.close();
  }
}

async function copyEntry(
  copying: Copying,
  folder: FileHandle,
  { name, below }: { readonly name: Buffer; readonly below: string },
): Promise<void> {
  const path = below === '' ? name.toString('utf8') : `${below}/${name.toString('utf8')}`;
  const reason = await reasonAgainst(copying, folder, { name, path });
  if (reason !== null) copying.download.refuse(path, reason);
}

/** Copies one entry of a folder, or says why not. */
async function reasonAgainst(
  copying: Copying,
  folder: FileHandle,
  { name, path }: { readonly name: Buffer; readonly path: string },
): Promise<string | null> {
  const stat = await ignoring(['ENOENT'], lstat(entryPath(folder, name)));
  if (stat === null) return null;
  const { download } = copying;
  const target = stat.isSymbolicLink()
    ? await ignoring(['ENOENT', 'EINVAL'], readlink(entryPath(folder, name)))
    : null;
  const entry = { name: path, kind: kindOf(stat), sizeBytes: stat.size };
  const judged = download.judge(target === null ? entry : { ...entry, target });
  if ('reason' in judged) return judged.reason;
  if (target !== null) return (await download.makeLink(judged.parts, target)) ? null : refusals.taken;
  if (!stat.isDirectory()) return copyFile(download, await openFile(folder, name), judged.parts);
  const inner = await openFolder(folder, name);
  if (inner === null) return refusals.changed;
  if (await download.makeFolder(judged.parts, stat.mode)) {
    await copyFolder(copying, inner, path);
    return null;
  }
  await inner.close();
  return refusals.otherKind;
}

function openFile(folder: FileHandle, name: Buffer): Promise<FileHandle | null> {
  return ignoring(['ENOENT', 'ELOOP', 'ENXIO'], open(entryPath(folder, name), source));
}

/** Copies an open file and closes it. It may be another one than was judged: the name can have changed its meaning. */
async function copyFile(
  download: HostileDownload,
  from: FileHandle | null,
  parts: readonly string[],
): Promise<string | null> {
  if (from === null) return refusals.changed;
  try {
    const stat = await from.stat();
    if (!stat.isFile()) return kindOf(stat);
    const limit = Math.min(stat.size, download.limits.maxFileBytes);
    return (await download.writeFile(parts, stat.mode, blocksOf(from, limit))) ? null : refusals.taken;
  } finally {
    await from.close();
  }
}

/** A file that grows meanwhile is cut at the size it had. Each block is valid until the next. */
async function* blocksOf(from: FileHandle, limit: number): AsyncGenerator<Buffer> {
  const block = Buffer.alloc(Math.min(blockBytes, Math.max(1, limit)));
  for (let offset = 0; offset < limit;) {
    const { bytesRead } = await from.read(block, 0, Math.min(block.length, limit - offset), offset);
    if (bytesRead === 0) return;
    yield block.subarray(0, bytesRead);
    offset += bytesRead;
  }
}

function kindOf(stat: Stats): string {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'directory';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isSocket()) return 'socket';
  return stat.isBlockDevice() ? 'block-device' : 'character-device';
}
