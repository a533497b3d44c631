import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { loadFolder } from '../dataset/load-folder.js';
import { InputError } from '../base/errors.js';
import { readNamedJson } from '../results/read-file.js';
import { shortName } from '../score/published/check-rules.js';
import type { TaskMetadata } from '../score/job/task-metadata.js';

const listSchema = z.object({ tasks: z.array(z.object({ name: z.string() }).catchall(z.unknown())) });

/** What is known of tasks by name: from a folder of tasks (their own metadata), or a JSON list. */
export async function readTaskMetadata(path: string): Promise<ReadonlyMap<string, TaskMetadata>> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory() === true) {
    const { tasks } = await loadFolder(path);
    return new Map(
      tasks.map(({ name, metadata, difficulty, category }) => [name, { ...metadata, difficulty, category }]),
    );
  }
  return readList(path);
}

async function readList(path: string): Promise<ReadonlyMap<string, TaskMetadata>> {
  let data: unknown;
  try {
    data = await readNamedJson(path);
  } catch (error) {
    throw new InputError(`cannot read task metadata from ${path}`, { cause: error });
  }
  const parsed = listSchema.safeParse(data);
  if (!parsed.success) {
    throw new InputError(`${path} is no task list`, {
      hint: 'Expected a folder of tasks, or {"tasks": [{"name": "...", "difficulty": "...", ...}]}.',
    });
  }
  return new Map(parsed.data.tasks.map((task) => [shortName(task.name), task]));
}
