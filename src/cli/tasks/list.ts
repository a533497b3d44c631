import { safeJson } from '../../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import type { Dataset } from '../../dataset/task.js';
import { renderTaskList } from '../../report/tasks/task-list.js';
import { listenForInterrupt } from '../interrupt.js';
import { taskOptions } from '../options/task-options.js';
import { terminalWidth } from '../terminal-width.js';
import { chosenDatasets, withNames } from './chosen-datasets.js';
import { print } from '../tell.js';

/** `tbench tasks list`. */
export function listCommand() {
  return new Command('list')
    .description('Prints a row a task: difficulty, time limits, resources, image, and whether it can be run.')
    .argument('[dataset...]', 'names, folders of tasks, or a task folder (default: all on this machine)')
    .addOption(taskOptions.dataset())
    .addOption(taskOptions.tasks())
    .addOption(taskOptions.exclude())
    .addOption(taskOptions.limit())
    .option('--json', 'print JSON')
    .action(async (names, flags) => {
      using interrupt = listenForInterrupt();
      const datasets = await chosenDatasets(withNames(flags, names), interrupt.signal);
      if (flags.json === true) {
        print(`${safeJson({ datasets: datasets.map(datasetToJson) })}\n`);
        return;
      }
      const tables = datasets.map((one) => renderTaskList(one, listWidth()));
      print(tables.join('\n'));
    });
}

/** What is piped into another program is not shortened. */
function listWidth(): number {
  return process.stdout.isTTY ? terminalWidth() : Number.POSITIVE_INFINITY;
}

function datasetToJson(dataset: Dataset): unknown {
  return {
    name: dataset.name,
    version: dataset.version,
    dir: dataset.dir,
    origin: dataset.origin,
    tasks: dataset.tasks,
    broken: dataset.broken.map(({ name, error }) => ({ name, error: error.message })),
    warnings: dataset.warnings,
  };
}
