import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.js';
import { readForeignFile } from '../base/foreign-file.js';

/** A file found below a folder, not yet read. */
export interface FoundFile {
  /** POSIX path relative to the folder. */
  readonly path: string;
  readonly absolute: string;
  readonly sizeBytes: number;
  readonly mode: number;
  /** A folder on its path is a link. */
  readonly isBehindLink: boolean;
}

/**
 * All regular files below `dir`, sorted by path. Links are followed (a dangling one is no file); one
 * that leaves `root`, a socket, a pipe or a device throws TaskError: its content would enter a sandbox.
 * Below `environment/` such a link is no file either: a build context takes it as the link it is.
 */
export async function listFiles(dir: string, root: string = dir): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  await walk(dir, '', { root: await realpath(root), ancestors: [], isBehindLink: false, found });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A task's own descriptions are short; what is larger is no text for a person or a model. */
const maxTextBytes = 16 * 1024 * 1024;

/**
 * The text of the file `name` of a task's folder, null when there is none. Throws TaskError for what is no regular
 * file of this folder, is too large, or is not UTF-8: read otherwise it would silently be another text.
 */
export async function readTaskText(
  dir: string,
  name: string,
  maxBytes: number = maxTextBytes,
): Promise<string | null> {
  const content = await readTaskFile(dir, name, maxBytes);
  if (content === null) return null;
  if (!isUtf8(content))
    throw new TaskError(`${path.join(dir, name)}: not UTF-8 text`, { hint: 'save the file as UTF-8' });
  return content.toString('utf8');
}

/** The same as bytes, and of any content. */
export async function readTaskFile(dir: string, name: string, maxBytes: number): Promise<Buffer | null> {
  const file = await readForeignFile(dir, name, { maxBytes, links: 'inside' });
  if (file.kind === 'refused') throw new TaskError(`${path.join(dir, name)}: it ${file.reason}`);
  return file.kind === 'missing' ? null : file.value;
}

interface Walk {
  readonly root: string;
  /** Real paths of the folders we are in, against link cycles. */
  readonly ancestors: readonly string[];
  readonly isBehindLink: boolean;
  readonly found: FoundFile[];
}

async function walk(dir: string, prefix: string, state: Walk): Promise<void> {
  const real = await realpath(dir);
  if (state.ancestors.includes(real))
    throw new TaskError(`${dir}: a link that leads back into its own folder`);
  const inner: Walk = { ...state, ancestors: [...state.ancestors, real] };
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const absolute = path.join(dir, entry.name);
    const relative = prefix + entry.name;
    if (entry.isSymbolicLink() && (await checkLink(absolute, inner)) === 'none') continue;
    const info = await statNamed(absolute);
    const isBehindLink = inner.isBehindLink || (info.isDirectory() && entry.isSymbolicLink());
    if (info.isDirectory()) await walk(absolute, `${relative}/`, { ...inner, isBehindLink });
    else if (info.isFile())
      state.found.push({
        path: relative,
        absolute,
        sizeBytes: info.size,
        mode: info.mode & 0o777,
        isBehindLink,
      });
    else throw new TaskError(`${absolute}: neither a file nor a folder (a socket, pipe or device)`);
  }
}

/** A name that is not UTF-8 was read with U+FFFD in it, so nothing answers to it. */
async function statNamed(file: string): Promise<Stats> {
  return stat(file).catch((error: unknown) => {
    if (isMissing(error) && file.includes('\uFFFD'))
      throw new TaskError(`${file}: a file name that is not UTF-8`, { hint: 'rename the file' });
    throw error;
  });
}

/** Throws when the link leaves `root`, by its text or by where it really ends; tells whether it stands for files. */
async function checkLink(link: string, { root, ancestors }: Walk): Promise<'live' | 'none'> {
  const target = await readlink(link);
  const end = await realpath(link).catch(() => null);
  const folder = await realpath(path.dirname(link));
  const meant = path.resolve(folder, target);
  const leaves =
    path.isAbsolute(target) ||
    [meant, end ?? meant].some((place) => place !== root && !place.startsWith(root + path.sep));
  const inContext = `${folder}${path.sep}`.startsWith(path.join(root, 'environment') + path.sep);
  if (inContext && (leaves || (end !== null && ancestors.includes(end)))) return 'none';
  if (leaves)
    throw new TaskError(`${link}: a link to ${target}, which leaves the task's folder`, {
      hint: 'replace the link by a copy of what it points to',
    });
  return end === null ? 'none' : 'live';
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** Whether there is a regular file (links followed) at `file`. */
export async function isFile(file: string): Promise<boolean> {
  return (await found(file))?.isFile() ?? false;
}

/** Whether there is a folder (links followed) at `dir`. */
export async function isFolder(dir: string): Promise<boolean> {
  return (await found(dir))?.isDirectory() ?? false;
}

async function found(path: string): Promise<Stats | null> {
  return stat(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}
