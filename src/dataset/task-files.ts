import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.js';
import { readForeignFile } from '../base/foreign-file.js';
import type { Task } from './task.js';

/** A file on its way into a sandbox; `path` is POSIX and relative to the folder it was collected from. */
export interface CollectedFile {
  readonly path: string;
  readonly content: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** A file found below a folder, not yet read. */
export interface FoundFile {
  /** POSIX path relative to the folder. */
  readonly path: string;
  readonly absolute: string;
  readonly sizeBytes: number;
  readonly mode: number;
}

/**
 * All regular files below `dir`, sorted by path. Links are followed (a dangling one is no file); one
 * that leaves `root`, a socket, a pipe or a device throws TaskError: its content would enter a sandbox.
 * Below `environment/` such a link is no file either: a build context takes it as the link it is.
 */
export async function listFiles(dir: string, root: string = dir): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  await walk(dir, '', { root: await realpath(root), ancestors: [], found });
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every file below `dir`, read. Throws TaskError as `listFiles` does. */
export async function collectFiles(dir: string, root: string = dir): Promise<CollectedFile[]> {
  const files = await listFiles(dir, root);
  return Promise.all(
    files.map(async (file) => ({
      path: file.path,
      content: await readFound(file, root),
      mode: file.mode,
    })),
  );
}

async function readFound(file: FoundFile, root: string): Promise<Buffer> {
  const content = await readTaskFile(root, path.relative(root, file.absolute), maxUploadBytes);
  if (content === null) throw new TaskError(`${file.absolute}: it went away while it was read`);
  return content;
}

/** A task's own descriptions are short; what is larger is no text for a person or a model. */
const maxTextBytes = 16 * 1024 * 1024;
/** A file that is uploaded is held in memory. */
const maxUploadBytes = 2 ** 31 - 1;

/**
 * The text of the file `name` of a task's folder, null when there is none. Throws TaskError for what is no regular
 * file of this folder, is too large, or is not UTF-8: read otherwise it would silently be another text.
 */
export async function readTaskText(dir: string, name: string): Promise<string | null> {
  const content = await readTaskFile(dir, name, maxTextBytes);
  if (content === null) return null;
  if (!isUtf8(content))
    throw new TaskError(`${path.join(dir, name)}: not UTF-8 text`, { hint: 'save the file as UTF-8' });
  return content.toString('utf8');
}

async function readTaskFile(dir: string, name: string, maxBytes: number): Promise<Buffer | null> {
  const file = await readForeignFile(dir, name, { maxBytes, links: 'inside' });
  if (file.kind === 'refused') throw new TaskError(`${path.join(dir, name)}: it ${file.reason}`);
  return file.kind === 'missing' ? null : file.value;
}

/** What goes to `/tests`: the tests folder, with the script that stands for test.sh where the format has none. */
export async function collectTestFiles(task: Task): Promise<CollectedFile[]> {
  const { testsDir, script, scriptText } = task.verifier;
  const files = await collectFiles(testsDir, task.dir).catch((error: unknown) => {
    if (scriptText !== null && isMissing(error)) return [];
    throw error;
  });
  if (scriptText === null) return files;
  const own = { path: script, content: Buffer.from(scriptText), mode: 0o755 };
  return [...files.filter((file) => file.path !== script), own];
}

/** What goes to `/solution`; null when the task ships no solution. */
export async function collectSolutionFiles(task: Task): Promise<CollectedFile[] | null> {
  const { dir, script } = task.solution;
  if (dir === null) return null;
  if (task.format === 'harbor') return collectFiles(dir, task.dir);
  const content = await readTaskFile(dir, script, maxUploadBytes);
  if (content === null) throw new TaskError(`${path.join(dir, script)}: the solution is missing`);
  return [{ path: script, content, mode: 0o755 }];
}

interface Walk {
  readonly root: string;
  /** Real paths of the folders we are in, against link cycles. */
  readonly ancestors: readonly string[];
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
    if (info.isDirectory()) await walk(absolute, `${relative}/`, inner);
    else if (info.isFile())
      state.found.push({ path: relative, absolute, sizeBytes: info.size, mode: info.mode & 0o777 });
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
  const info = await stat(file).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  return info?.isFile() ?? false;
}
