import { safeJson } from '../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { findPulled, type PulledCopy } from '../dataset/source/cache.js';
import { findDataset, shippedDatasets, type DatasetReference } from '../dataset/load-dataset.js';
import { taskFolders } from '../dataset/load-folder.js';
import type { Manifest } from '../dataset/source/manifest.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { InputError } from '../base/errors.js';
import { renderDataset, renderDatasetList, type DatasetRow } from '../report/tasks/dataset-list.js';
import { pullNamedDataset, type PulledDataset } from '../run/datasets/pull-named-dataset.js';
import { exitCodes } from './exit-code.js';
import { listenForInterrupt } from './interrupt.js';
import { print, tell } from './tell.js';
import { terminalWidth } from './terminal-width.js';

const examples = `
Examples:
  tbench datasets list                   the named datasets and which of them are on this machine
  tbench datasets pull tb-lite tb-2.1    fetch their tasks into ~/.cache/tbench
  tbench datasets pull tb-2.1 --force    fetch again, e.g. after installing git-lfs
  tbench datasets show tb-2.1            where it lies, its commit, and what its copy lacks
  tbench tasks list "$(tbench datasets show tb-2.1 --path)"

TBENCH_DATASETS_MIRROR=https://mirror.example/git stands for scheme and host of every dataset's git URL.`;

/** `tbench datasets list|pull|show`. */
export function datasetsCommand() {
  return new Command('datasets')
    .description('Lists the named datasets, fetches their tasks, or shows where one lies.')
    .addCommand(listCommand())
    .addCommand(pullCommand())
    .addCommand(showCommand())
    .addHelpText('after', examples);
}

function listCommand() {
  return new Command('list')
    .description('Prints a row a named dataset: version, tasks, and whether it is on this machine.')
    .option('--json', 'print JSON')
    .action(async (flags) => {
      const references = await shippedDatasets(datasetPlaces(process.env).shippedDir);
      const rows = await Promise.all(references.map(toRow));
      print(
        flags.json === true
          ? `${safeJson({ datasets: rows.map(rowToJson) })}\n`
          : renderDatasetList(rows, terminalWidth()),
      );
    });
}

function pullCommand() {
  return new Command('pull')
    .description(
      'Fetches datasets with git, only the tasks of the pinned commit, and verifies them against their published digests.',
    )
    .argument(
      '<dataset...>',
      'names, a dataset.toml with [dataset.source], git+URL@REF#PATH, or registry.json#NAME@VERSION',
    )
    .option('--force', 'fetch even what is there already')
    .option('--url <git url>', "fetch from here instead of the dataset's own URL")
    .option('--strict', 'exit 1 when a task is missing, differs from its digest or holds LFS pointers')
    .action(async (names, flags) => {
      using interrupt = listenForInterrupt();
      const copies: PulledCopy[] = [];
      for (const name of names) {
        const how = { force: flags.force === true, url: flags.url ?? null };
        const pulled = await pullNamedDataset(name, how, {
          env: process.env,
          signal: interrupt.signal,
          tell,
        });
        await tellPulled(pulled);
        copies.push(pulled.copy);
      }
      if (flags.strict === true && copies.some(({ problems }) => problems.length > 0))
        process.exitCode = exitCodes.no;
    });
}

function showCommand() {
  return new Command('show')
    .description('Prints what a dataset is, where its tasks lie, and what its copy lacks.')
    .argument('<dataset>', 'name, folder of tasks or dataset.toml')
    .option('--path', 'print only the folder that holds the tasks')
    .option('--json', 'print JSON')
    .action(async (name, flags) => {
      const row = await toRow(await findDataset(name, datasetPlaces(process.env)));
      const dir = folderOf(row);
      if (flags.path === true && dir === null)
        throw new InputError(`dataset ${name} has not been fetched`, {
          hint: `tbench datasets pull ${name}`,
        });
      if (flags.json === true) print(`${safeJson(rowToJson(row))}\n`);
      else print(flags.path === true ? `${dir ?? ''}\n` : renderDataset(row));
    });
}

async function tellPulled({ name, manifest, copy, isFetched }: PulledDataset): Promise<void> {
  warnAbout(name, copy);
  const state = isFetched ? 'fetched' : 'was already there (--force fetches again)';
  tell(`${name}: ${await countTasks(manifest, copy)} tasks, commit ${copy.commit}, ${state}`);
  print(`${copy.dir}\n`);
}

const problemsShown = 10;

function warnAbout(name: string, { problems }: PulledCopy): void {
  for (const { task, text } of problems.slice(0, problemsShown)) tell(`warning: ${task}: ${text}`);
  const more = problems.length - problemsShown;
  if (more > 0) tell(`warning: and ${more} more (tbench datasets show ${name})`);
}

async function toRow(reference: DatasetReference): Promise<DatasetRow> {
  if (reference.kind === 'folder')
    return { reference, copy: null, taskCount: (await taskFolders(reference.dir)).length };
  const copy = await findPulled(datasetPlaces(process.env).cacheDir, reference.name, reference.manifest);
  return { reference, copy, taskCount: await countTasks(reference.manifest, copy) };
}

/** A manifest that lists none has every task that was found. */
async function countTasks({ tasks }: Manifest, copy: PulledCopy | null): Promise<number> {
  return tasks.length > 0 || copy === null ? tasks.length : (await taskFolders(copy.dir)).length;
}

function folderOf({ reference, copy }: DatasetRow): string | null {
  return reference.kind === 'folder' ? reference.dir : (copy?.dir ?? null);
}

function rowToJson(row: DatasetRow): unknown {
  const { reference, copy, taskCount } = row;
  const manifest = reference.kind === 'folder' ? null : reference.manifest;
  return {
    name: reference.name,
    version: manifest?.version ?? null,
    published_name: manifest?.publishedName ?? null,
    n_tasks: taskCount,
    dir: folderOf(row),
    source: manifest?.sources[0] ?? null,
    sources: manifest?.sources ?? [],
    copy,
  };
}
