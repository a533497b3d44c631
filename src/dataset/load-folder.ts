import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { TaskError } from '../base/errors.js';
import { isTaskFolder, loadTask } from './load-task.js';
import { loadManifest, type Manifest } from './source/manifest.js';
import type { Dataset, Task } from './task.js';
import { isFile } from './task-files.js';

/**
 * Loads a folder as a dataset: one task folder, or a folder of them (also below `tasks/`, as in a checkout of
 * a task repository). A dataset.toml in it says which tasks belong and in what order. Subfolders that are no
 * tasks are ignored; a task that cannot be read goes to `broken` and the others stay usable.
 */
export async function loadFolder(dir: string): Promise<Dataset> {
  const base = path.resolve(dir);
  const name = path.basename(base);
  if (await isTaskFolder(base)) return loadTasks({ name, dir: path.dirname(base), manifest: null }, [name]);
  const holder = await findHolder(base);
  if (holder === null)
    throw new TaskError(`${base}: no task in this folder`, {
      hint: 'a task is a folder with task.toml (or task.yaml); give one, or a folder of them',
    });
  const manifestFile = path.join(holder, 'dataset.toml');
  const manifest = (await isFile(manifestFile)) ? await loadManifest(manifestFile) : null;
  return loadTasks({ name, dir: holder, manifest }, await taskFolders(holder));
}

interface Folder {
  readonly name: string;
  readonly dir: string;
  readonly manifest: Manifest | null;
}

async function findHolder(base: string): Promise<string | null> {
  for (const dir of [base, path.join(base, 'tasks')]) if ((await taskFolders(dir)).length > 0) return dir;
  return null;
}

/** Names of the subfolders that are tasks, sorted. */
export async function taskFolders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const limit = pLimit(32);
  const found = await Promise.all(
    entries
      .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
      .map(({ name }) => limit(async () => ((await isTaskFolder(path.join(dir, name))) ? [name] : []))),
  );
  return found.flat().sort();
}

async function loadTasks(folder: Folder, present: readonly string[]): Promise<Dataset> {
  const { manifest, dir } = folder;
  const listed =
    manifest === null || manifest.tasks.length === 0 ? null : manifest.tasks.map((task) => task.name);
  const names = listed ?? present;
  const limit = pLimit(16);
  const loaded = await Promise.all(names.map((name) => limit(() => tryLoad(dir, name))));
  const unlisted = listed === null ? [] : present.filter((name) => !listed.includes(name));
  return {
    name: folder.name,
    version: manifest?.version ?? null,
    dir,
    origin: null,
    tasks: loaded.flatMap((one) => ('task' in one ? [one.task] : [])),
    broken: loaded.flatMap((one) => ('error' in one ? [one] : [])),
    warnings: [
      ...(manifest?.warnings ?? []),
      ...unlisted.map((name) => `${name} is not listed in ${manifest?.file ?? ''} and is left out`),
    ],
  };
}

async function tryLoad(dir: string, name: string): Promise<{ task: Task } | { name: string; error: Error }> {
  try {
    return { task: await loadTask(path.join(dir, name)) };
  } catch (error) {
    return { name, error: error instanceof Error ? error : new TaskError(String(error)) };
  }
}

/** Whether `dir` is a folder. */
export async function isFolder(dir: string): Promise<boolean> {
  const info = await stat(dir).catch(() => null);
  return info?.isDirectory() ?? false;
}
