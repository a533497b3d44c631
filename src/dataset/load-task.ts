import path from 'node:path';
import { TaskError } from '../base/errors.js';
import { loadHarborTask } from './formats/harbor.js';
import type { Task } from './task.js';
import { isFile } from './task-files.js';
import { loadTerminalBench1Task } from './formats/terminal-bench-1.js';

/** Whether a folder claims to be a task, by the file that describes one. */
export async function isTaskFolder(dir: string): Promise<boolean> {
  return (await isFile(path.join(dir, 'task.toml'))) || (await isFile(path.join(dir, 'task.yaml')));
}

/** Loads one task folder in whichever format it is. Throws TaskError when it cannot be read. */
export async function loadTask(dir: string): Promise<Task> {
  const absolute = path.resolve(dir);
  if (await isFile(path.join(absolute, 'task.toml'))) return loadHarborTask(absolute);
  if (await isFile(path.join(absolute, 'task.yaml'))) return loadTerminalBench1Task(absolute);
  throw new TaskError(`${absolute}: no task.toml and no task.yaml, so this is not a task folder`);
}
