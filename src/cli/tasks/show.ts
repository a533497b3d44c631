import { safeJson } from '../../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { InputError } from '../../base/errors.js';
import { isTaskFolder, loadTask } from '../../dataset/load-task.js';
import type { Task } from '../../dataset/task.js';
import { renderTask } from '../../report/tasks/task-list.js';
import { listenForInterrupt } from '../interrupt.js';
import { taskOptions, type TaskOptions } from '../options/task-options.js';
import { chosenDatasets } from './chosen-datasets.js';
import { print } from '../tell.js';

/** `tbench tasks show`. */
export function tasksShowCommand() {
  return new Command('show')
    .description('Prints one task: its limits, image, folder and instruction.')
    .argument('<task>', "a task's name, or its folder")
    .addOption(taskOptions.dataset())
    .option('--json', 'print the task as it was read')
    .action(async (name, flags) => {
      using interrupt = listenForInterrupt();
      const task = await findTask(name, flags, interrupt.signal);
      print(flags.json === true ? `${safeJson(task)}\n` : renderTask(task));
    });
}

async function findTask(name: string, options: TaskOptions, signal: AbortSignal): Promise<Task> {
  if (options.dataset === undefined && (await isTaskFolder(name))) return loadTask(name);
  const datasets = await chosenDatasets({ ...options, tasks: [name] }, signal);
  const [task, ...others] = datasets.flatMap((dataset) => dataset.tasks);
  if (task !== undefined && others.length === 0) return task;
  const [broken] = datasets.flatMap((dataset) => dataset.broken);
  if (broken !== undefined && task === undefined) throw broken.error;
  const names = datasets.flatMap((dataset) => dataset.tasks.map((one) => `${one.name} (${dataset.name})`));
  throw new InputError(`"${name}" is more than one task: ${names.join(', ')}`, {
    hint: 'give the whole name, and --dataset when two datasets have it',
  });
}
