import { constants } from 'node:fs';
import { lstat, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/**
 * Files of folders that strangers made: recorded jobs, tasks. A name in there may be a link to a secret of the reader, a
 * pipe that never answers, a device without an end or a file larger than memory. So every reader of such a
 * folder opens its files here: regular files only, inside the folder only, without waiting, up to a size.
 */
export type ForeignFile<T> =
  | { readonly kind: 'file'; readonly value: T }
  | { readonly kind: 'missing' }
  /** `reason` is a predicate: "is a link ...". It names no path. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Whether links are refused, the default, or followed as long as they end inside the folder. */
export interface ForeignLinks {
  readonly links?: 'none' | 'inside';
}

/**
 * Opens the file at `path`, relative to `root`. `root` itself is the user's word and may be a link. The caller
 * closes the handle.
 */
export async function openForeignFile(
  root: string,
  path: string,
  { links = 'none' }: ForeignLinks = {},
): Promise<ForeignFile<FileHandle>> {
  try {
    const realRoot = await realpath(root);
    const wanted = join(realRoot, path);
    const real = await realpath(wanted).catch(async (error: unknown) => {
      // A missing file is an answer of its own; a link to one is refused, and said to be a link.
      if (codeOf(error) === 'ENOENT' && (await lstat(wanted)).isSymbolicLink()) return null;
      throw error;
    });
    if (real === null) return refused('is a link to nothing');
    if (!isBelow(realRoot, real)) return refused('is a link out of its folder, which is not followed');
    if (links === 'none' && real !== wanted)
      return refused('is a link or lies behind one, which is not followed');
    // Looked at before it is opened: opening a device can already do something.
    if (!(await lstat(real)).isFile()) return refused(notRegular);
    return await openRegular(real);
  } catch (error) {
    return refusalOf(error);
  }
}

/** Reads the file at `path` below `root`. Larger ones than `maxBytes` are refused, not cut. */
export async function readForeignFile(
  root: string,
  path: string,
  { maxBytes, ...links }: ForeignLinks & { readonly maxBytes: number },
): Promise<ForeignFile<Buffer>> {
  const opened = await openForeignFile(root, path, links);
  if (opened.kind !== 'file') return opened;
  await using handle = opened.value;
  const { size } = await handle.stat();
  if (size > maxBytes) return refused(`has ${size} bytes, more than the ${maxBytes} that are read`);
  return { kind: 'file', value: await readRange(handle, { start: 0, length: size }) };
}

/** Reads a file that the user named, so that links are followed: its content may be a stranger's all the same. */
async function readNamedFile(path: string, maxBytes: number): Promise<ForeignFile<Buffer>> {
  try {
    const real = await realpath(path);
    return await readForeignFile(dirname(real), basename(real), { maxBytes });
  } catch (error) {
    // A shell's `<(...)` and /dev/stdin are there, and have no path: pipes.
    if (await stat(path).catch(() => null)) return refused(notRegular);
    return refusalOf(error);
  }
}

/** The text of a file that the user named. Throws an `Error` whose message says what is wrong with it, without its path. */
export async function readNamedText(path: string, maxBytes: number): Promise<string> {
  const file = await readNamedFile(path, maxBytes);
  if (file.kind === 'file') return file.value.toString('utf8');
  throw new Error(file.kind === 'missing' ? 'there is no such file' : `it ${file.reason}`);
}

/** A part of an open file: shorter than `length` where the file ends before. */
export async function readRange(
  handle: FileHandle,
  { start, length }: { readonly start: number; readonly length: number },
): Promise<Buffer> {
  const content = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(content, done, length - done, start + done);
    if (bytesRead === 0) return content.subarray(0, done);
    done += bytesRead;
  }
  return content;
}

/** Whether `path` lies in the folder `root`, by their names alone. */
export function isBelow(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

const notRegular = 'is no regular file (a folder, pipe, socket or device)';
const withoutWaiting = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens a file that was looked at before. Another one may have taken its name since, so the open one is checked again. */
async function openRegular(path: string): Promise<ForeignFile<FileHandle>> {
  const handle = await open(path, withoutWaiting);
  if ((await handle.stat()).isFile()) return { kind: 'file', value: handle };
  await handle.close();
  return refused(notRegular);
}

/** What an error of the operating system means; any other is thrown again. */
function refusalOf(error: unknown): ForeignFile<never> {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
  if (code === 'ELOOP') return refused('is a link that leads back to itself');
  if (code === null) throw error;
  return refused(`cannot be read (${code})`);
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}

/** An error code of the operating system; null for what is no such error, a bug of ours for instance. */
function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
