import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/doubles/task-folder.js';
import { checkTask } from './check/check-task.js';
import { loadTask } from './load-task.js';
import { writeNewTask } from './new-task.js';

test('a new task passes its check at once, without a warning or a note', async () => {
  await using scratch = await scratchFolder();
  const dir = join(scratch.dir, 'tasks', 'my-task');
  await writeNewTask(dir, 'my-task');
  expect(await checkTask(await loadTask(dir))).toEqual([]);
});

test('nothing is written into a folder that is there, or under a name that is none', async () => {
  await using scratch = await scratchFolder();
  await expect(writeNewTask(scratch.dir, 'a')).rejects.toThrow(/is there already/);
  for (const name of ['../up', 'Upper', '', 'a b', 'a..b'])
    await expect(writeNewTask(join(scratch.dir, 'x'), name)).rejects.toThrow(/a task's name/);
  expect(await readdir(scratch.dir)).toEqual([]);
});
