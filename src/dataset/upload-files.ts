import path from 'node:path';
import { TaskError } from '../base/errors.js';
import { unselected } from './ignore/ignored-files.js';
import type { Task } from './task.js';
import { isMissing, listFiles, readTaskFile } from './task-files.js';

/** A file on its way into a sandbox; `path` is POSIX and relative to the folder it was collected from. */
export interface UploadedFile {
  readonly path: string;
  readonly content: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** A file that is uploaded is held in memory. */
const maxUploadBytes = 2 ** 31 - 1;

/**
 * What goes to `/tests`: the folders of tests, the later over the earlier, with the script that stands for test.sh where the
 * format has none. A folder of several may be missing.
 */
export async function collectTestFiles(task: Task): Promise<UploadedFile[]> {
  const { testsDirs, script, scriptText } = task.verifier;
  const files = new Map<string, UploadedFile>();
  let missing: Error | null = null;
  for (const dir of testsDirs) {
    try {
      for (const file of await collectFiles(dir, task.dir)) files.set(file.path, file);
    } catch (error) {
      if (!(error instanceof Error && isMissing(error))) throw error;
      missing = error;
    }
  }
  if (scriptText !== null) files.set(script, { path: script, content: Buffer.from(scriptText), mode: 0o755 });
  else if (files.size === 0 && missing !== null) throw missing;
  return [...files.values()];
}

/** What goes to `/solution`; null when the task ships no solution. */
export async function collectSolutionFiles(task: Task): Promise<UploadedFile[] | null> {
  const { dir, script } = task.solution;
  if (dir === null) return null;
  if (task.format === 'harbor') return collectFiles(dir, task.dir);
  return [{ path: script, content: await readUpload(dir, script), mode: 0o755 }];
}

/** What goes into a working directory: a prebuilt environment's files, or those of a step. */
export async function collectWorkdirFiles(
  task: Pick<Task, 'dir'>,
  folder: string | null,
): Promise<UploadedFile[]> {
  return folder === null ? [] : collectFiles(folder, task.dir);
}

/** Every file below a folder of a task but those that a .harborignore leaves out, read. Throws TaskError as `listFiles` does. */
async function collectFiles(dir: string, taskDir: string): Promise<UploadedFile[]> {
  const isUnselected = await unselected(taskDir);
  const files = await listFiles(dir, taskDir);
  const collected = await Promise.all(
    files.map(async (file) => {
      const name = path.relative(taskDir, file.absolute);
      if (await isUnselected({ ...file, path: name.split(path.sep).join('/') })) return [];
      return [{ path: file.path, content: await readUpload(taskDir, name), mode: file.mode }];
    }),
  );
  return collected.flat();
}

async function readUpload(dir: string, name: string): Promise<Buffer> {
  const content = await readTaskFile(dir, name, maxUploadBytes);
  if (content === null) throw new TaskError(`${path.join(dir, name)}: it went away while it was read`);
  return content;
}
