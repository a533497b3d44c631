import { Command, Option } from '@commander-js/extra-typings';
import { checkDataset, manifestBeside } from '../dataset/check/check-dataset.js';
import type { CheckFinding } from '../dataset/check/check-task.js';
import { findDataset } from '../dataset/load-dataset.js';
import { isTaskFolder, loadTask } from '../dataset/load-task.js';
import type { Manifest } from '../dataset/source/manifest.js';
import { datasetPlaces } from '../dataset/source/places.js';
import type { Dataset, Task } from '../dataset/task.js';
import { InputError } from '../base/errors.js';
import { renderFindings } from '../report/tasks/check-report.js';
import { renderTask, renderTaskList } from '../report/tasks/task-list.js';
import { exitCodes } from './exit-code.js';
import { listenForInterrupt, type Interrupt } from './interrupt.js';
import { choiceOptions, collect, openDatasets, type TaskChoice } from './open-datasets.js';
import { openEngine, passedEnv } from './open-tools.js';
import { parseCount } from './run-options.js';
import { runOracleCheck } from './tasks-check.js';
import { terminalWidth } from './terminal-width.js';

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
    .addCommand(showCommand())
    .addCommand(checkCommand())
    .addHelpText('after', examples);
}

function listCommand() {
  return new Command('list')
    .description('Prints a row a task: difficulty, time limits, resources, image, and whether it can be run.')
    .argument('[dataset...]', 'names, folders of tasks, or a task folder (default: all on this machine)')
    .addOption(choiceOptions.dataset)
    .addOption(choiceOptions.tasks)
    .addOption(choiceOptions.exclude)
    .addOption(choiceOptions.limit)
    .option('--json', 'print JSON')
    .action(async (names, flags) => {
      using interrupt = listenForInterrupt();
      const datasets = await openDatasets(withNames(flags, names), interrupt.signal);
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify({ datasets: datasets.map(datasetToJson) }, null, 2)}\n`);
        return;
      }
      const tables = datasets.map((one) => renderTaskList(one, listWidth()));
      process.stdout.write(tables.join('\n'));
    });
}

function showCommand() {
  return new Command('show')
    .description('Prints one task: its limits, image, folder and instruction.')
    .argument('<task>', "a task's name, or its folder")
    .addOption(choiceOptions.dataset)
    .option('--json', 'print the task as it was read')
    .action(async (name, flags) => {
      using interrupt = listenForInterrupt();
      const task = await findTask(name, flags, interrupt.signal);
      process.stdout.write(flags.json === true ? `${JSON.stringify(task, null, 2)}\n` : renderTask(task));
    });
}

function checkCommand() {
  return new Command('check')
    .description(
      'Checks every file of the tasks; with --oracle also runs the reference solution (should earn 1) and nothing (should earn 0).',
    )
    .argument('[dataset...]', 'names, folders of tasks, or a task folder (default: all on this machine)')
    .addOption(choiceOptions.dataset)
    .addOption(choiceOptions.tasks)
    .addOption(choiceOptions.exclude)
    .addOption(choiceOptions.limit)
    .option('--strict', 'warnings count as errors')
    .option('--oracle', 'also run the reference solution and nothing at all, as two jobs')
    .option('--results <dir>', 'where the jobs of --oracle go', 'results')
    .option('--concurrency <n>', 'sandboxes at once', parseCount, 4)
    .option('--engine <socket>', 'container engine: a socket path, unix://, tcp:// or ssh:// address')
    .addOption(
      new Option('--pull <policy>', 'when images are pulled')
        .choices(['missing', 'always', 'never'] as const)
        .default('missing' as const),
    )
    .option('--force-build', 'build images even where a prebuilt one is named', false)
    .option('--pass-env <name>', 'host variable that tasks may read; repeatable', collect)
    .option('--json', 'print JSON')
    .action(async (names, flags) => {
      using interrupt = listenForInterrupt();
      const { signal } = interrupt;
      const datasets = await openDatasets(withNames(flags, names), signal);
      const checks: DatasetCheck[] = [];
      for (const dataset of datasets)
        checks.push({ dataset, findings: await checkDataset(dataset, await manifestOf(dataset)) });
      if (flags.oracle === true) await addOracleFindings(checks, flags, interrupt);
      process.stdout.write(flags.json === true ? checksToJson(checks) : checks.map(renderCheck).join('\n'));
      const bad = flags.strict === true ? ['error', 'warning'] : ['error'];
      if (checks.some(({ findings }) => findings.some(({ level }) => bad.includes(level))))
        process.exitCode = exitCodes.no;
    });
}

interface DatasetCheck {
  readonly dataset: Dataset;
  findings: readonly CheckFinding[];
}

interface OracleFlags {
  readonly engine?: string;
  readonly results: string;
  readonly concurrency: number;
  readonly pull: 'missing' | 'always' | 'never';
  readonly forceBuild: boolean;
  readonly passEnv?: string[];
}

async function addOracleFindings(
  checks: DatasetCheck[],
  flags: OracleFlags,
  interrupt: Interrupt,
): Promise<void> {
  const { env } = process;
  const { signal } = interrupt;
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  await using engine = await openEngine({ engine: flags.engine, env, signal, tell });
  interrupt.lastResort = () => Promise.resolve(engine[Symbol.asyncDispose]());
  const { results: resultsDir, concurrency, pull, forceBuild } = flags;
  const hostEnv = passedEnv(flags.passEnv ?? [], env);
  const options = { engine, resultsDir, concurrency, pull, forceBuild, hostEnv, signal };
  for (const check of checks)
    check.findings = [...check.findings, ...(await runOracleCheck(check.dataset, options))];
}

function renderCheck({ dataset, findings }: DatasetCheck): string {
  return renderFindings(dataset.name, dataset.tasks.length + dataset.broken.length, findings);
}

function checksToJson(checks: readonly DatasetCheck[]): string {
  const datasets = checks.map(({ dataset, findings }) => ({
    dataset: dataset.name,
    n_tasks: dataset.tasks.length + dataset.broken.length,
    findings,
  }));
  return `${JSON.stringify({ datasets }, null, 2)}\n`;
}

/** What the dataset's content is held against: the manifest it was fetched by, or the one in its folder. */
async function manifestOf(dataset: Dataset): Promise<Manifest | null> {
  if (dataset.origin === null) return manifestBeside(dataset);
  const reference = await findDataset(dataset.name, datasetPlaces(process.env).shippedDir);
  return reference.kind === 'manifest' ? reference.manifest : null;
}

async function findTask(name: string, choice: TaskChoice, signal: AbortSignal): Promise<Task> {
  if (choice.dataset === undefined && (await isTaskFolder(name))) return loadTask(name);
  const datasets = await openDatasets({ ...choice, tasks: [name] }, signal);
  const [task, ...others] = datasets.flatMap((dataset) => dataset.tasks);
  if (task !== undefined && others.length === 0) return task;
  const [broken] = datasets.flatMap((dataset) => dataset.broken);
  if (broken !== undefined && task === undefined) throw broken.error;
  const names = datasets.flatMap((dataset) => dataset.tasks.map((one) => `${one.name} (${dataset.name})`));
  throw new InputError(`"${name}" is more than one task: ${names.join(', ')}`, {
    hint: 'give the whole name, and --dataset when two datasets have it',
  });
}

function withNames(flags: TaskChoice, names: readonly string[]): TaskChoice {
  const dataset = [...names, ...(flags.dataset ?? [])];
  return { ...flags, ...(dataset.length === 0 ? {} : { dataset }) };
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
