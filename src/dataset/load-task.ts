import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.js';
import { taskFormats, type TaskFormat } from './formats/task-formats.js';
import { taskRefusals } from './refusals.js';
import type { Task } from './task.js';

/** Whether a folder claims to be a task, by the file that describes one. */
export async function isTaskFolder(dir: string): Promise<boolean> {
  return (await formatOf(dir)) !== null;
}

/** Loads one task folder in whichever format it is. Throws TaskError when it cannot be read. */
export async function loadTask(dir: string): Promise<Task> {
  const absolute = path.resolve(dir);
  const format = await formatOf(absolute);
  if (format !== null) {
    const task = await format.load(absolute);
    return { ...task, refusals: taskRefusals(task) };
  }
  const files = taskFormats.map(({ file }) => `no ${file}`).join(' and ');
  throw new TaskError(`${absolute}: ${files}, so this is not a task folder`);
}

async function formatOf(dir: string): Promise<TaskFormat | null> {
  for (const format of taskFormats) {
    // A link, pipe or device of that name claims to be one too: whoever loads it says what is wrong with it.
    const found = await lstat(path.join(dir, format.file)).catch(() => null);
    if (found !== null && !found.isDirectory()) return format;
  }
  return null;
}
