import { Command } from '@commander-js/extra-typings';
import { join } from 'node:path';
import { writeNewTask } from '../dataset/new-task.js';
import { print } from './tell.js';

/** `tbench init task NAME`. */
export function initCommand() {
  const task = new Command('task')
    .description('Writes a small task that passes its check at once, to be changed into yours.')
    .argument('<name>', "the task's name, and the folder's")
    .option('--dir <dir>', 'folder of tasks that it is written into', '.')
    .action(async (name, { dir }) => {
      const written = await writeNewTask(join(dir, name), name);
      print(written.map((file) => `wrote ${file}\n`).join(''));
      print(`next: tbench tasks check ${join(dir, name)} --oracle\n`);
    });
  return new Command('init')
    .description('Writes a new task to begin with: `tbench init task NAME`.')
    .addCommand(task);
}
