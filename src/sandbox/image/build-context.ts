import { tarOf } from '../files/tar-of.js';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import { ImageError } from '../../base/errors.js';
import { readForeignFile } from '../../base/foreign-file.js';
import { parseDockerignore } from './dockerignore.js';

/** One entry of a build context. */
export interface ContextEntry {
  /** Relative, POSIX. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly mode: number;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Of a symlink; else ''. */
  readonly target: string;
}

/** What goes to the engine for a build: everything below `dir` that .dockerignore leaves in, in a stable order. */
export interface BuildContext {
  readonly dir: string;
  readonly dockerfile: string;
  readonly entries: readonly ContextEntry[];
}

const maxIgnoreBytes = 64 * 1024;

/** Lists the context. Dockerfile and .dockerignore always belong to it. Throws ImageError when there is no Dockerfile. */
export async function loadBuildContext(dir: string, dockerfile: string): Promise<BuildContext> {
  const isIgnored = parseDockerignore(await readIgnoreFile(dir));
  const always = new Set([dockerfile, '.dockerignore']);
  const entries: ContextEntry[] = [];
  const visit = async (folder: string): Promise<void> => {
    const names = await readdir(join(dir, folder));
    for (const name of names.sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      const entry = await loadEntry(dir, path);
      if (entry === null) continue;
      // An exception may bring back something below an ignored folder, so folders are always walked.
      if (always.has(path) || !isIgnored(path)) entries.push(entry);
      if (entry.kind === 'directory') await visit(path);
    }
  };
  await visit('');
  if (!entries.some(({ path }) => path === dockerfile)) {
    throw new ImageError(`cannot build: there is no ${dockerfile} in ${dir}`, { isFinal: true });
  }
  return { dir, dockerfile, entries };
}

/** sha256 over the Dockerfile's name and each entry's path, kind, mode, target and content; times do not count. */
export async function contextDigest(context: BuildContext): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify({ dockerfile: context.dockerfile }));
  for (const { path, kind, mode, sizeBytes, target } of context.entries) {
    const size = kind === 'file' ? sizeBytes : 0;
    hash.update(JSON.stringify({ path, kind, mode, size, target }));
    if (kind === 'file') {
      for await (const chunk of createReadStream(join(context.dir, path))) hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}

/** The context as a tar stream, owned by root. */
export function packContext(context: BuildContext): Readable {
  return Readable.from(tarOf((tar) => addEntries(tar, context)));
}

async function addEntries(tar: Pack, { dir, entries }: BuildContext): Promise<void> {
  for (const { path, kind, mode, sizeBytes, modifiedAt, target } of entries) {
    const header = { name: path, type: kind, mode, mtime: modifiedAt, uid: 0, gid: 0 };
    if (kind === 'file')
      await pipeline(createReadStream(join(dir, path)), tar.entry({ ...header, size: sizeBytes }));
    else tar.entry(kind === 'symlink' ? { ...header, linkname: target } : header);
  }
}

/** null for what no build context can hold: sockets, devices, pipes. */
async function loadEntry(dir: string, path: string): Promise<ContextEntry | null> {
  const full = join(dir, path);
  const found = await lstat(full);
  const kind = found.isFile()
    ? 'file'
    : found.isDirectory()
      ? 'directory'
      : found.isSymbolicLink()
        ? 'symlink'
        : null;
  if (kind === null) return null;
  const target = kind === 'symlink' ? await readlink(full) : '';
  return { path, kind, mode: found.mode & 0o7777, sizeBytes: found.size, modifiedAt: found.mtime, target };
}

/** The patterns of `.dockerignore`, a stranger's file: '' when there is none. */
async function readIgnoreFile(dir: string): Promise<string> {
  const file = await readForeignFile(dir, '.dockerignore', { maxBytes: maxIgnoreBytes, links: 'inside' });
  if (file.kind === 'refused') throw new ImageError(`${join(dir, '.dockerignore')}: it ${file.reason}`);
  return file.kind === 'missing' ? '' : file.value.toString('utf8');
}
