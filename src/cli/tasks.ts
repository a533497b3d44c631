import { Command } from '@commander-js/extra-typings';
import { tasksCheckCommand } from './tasks/check.js';
import { listCommand } from './tasks/list.js';
import { tasksShowCommand } from './tasks/show.js';

const examples = `
Examples:
  tbench tasks list                                 every dataset on this machine
  tbench tasks list tb-2.1 --tasks 'fix-*'          some tasks of one, fetched if need be
  tbench tasks show fix-git                         one task, its limits and its instruction
  tbench tasks check my-tasks/                      every file of a folder of tasks
  tbench tasks check sample --oracle                and what the reference solution and nothing at all earn`;

/** `tbench tasks list|show|check`. */
export function tasksCommand() {
  return new Command('tasks')
    .description('Lists the tasks of datasets, shows one, or checks their files.')
    .addCommand(listCommand())
    .addCommand(tasksShowCommand())
    .addCommand(tasksCheckCommand())
    .addHelpText('after', examples);
}
