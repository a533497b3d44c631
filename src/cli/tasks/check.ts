import { safeJson } from '../../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { checkDataset, manifestBeside } from '../../dataset/check/check-dataset.js';
import type { CheckFinding } from '../../dataset/check/check-task.js';
import { shippedDatasets } from '../../dataset/load-dataset.js';
import type { Manifest } from '../../dataset/source/manifest.js';
import { datasetPlaces } from '../../dataset/source/places.js';
import type { Dataset } from '../../dataset/task.js';
import type { RunSpec } from '../../record/run-spec.js';
import { renderFindings } from '../../report/tasks/check-report.js';
import { checkSolutions } from '../../run/check-solutions.js';
import { openEngine } from '../../run/local/open-engine.js';
import { defaultResultsDir } from '../default-results-dir.js';
import { exitCodes } from '../exit-code.js';
import { listenForInterrupt, type Interrupt } from '../interrupt.js';
import { sandboxOptions } from '../options/sandbox-options.js';
import { taskOptions } from '../options/task-options.js';
import { openDisplay } from '../run-display.js';
import { print, tell } from '../tell.js';
import { chosenDatasets, withNames } from './chosen-datasets.js';

/** `tbench tasks check`. */
export function tasksCheckCommand() {
  return new Command('check')
    .description(
      'Checks every file of the tasks; with --oracle also runs the reference solution (should earn 1) and nothing (should earn 0).',
    )
    .argument('[dataset...]', 'names, folders of tasks, or a task folder (default: all on this machine)')
    .addOption(taskOptions.dataset())
    .addOption(taskOptions.tasks())
    .addOption(taskOptions.exclude())
    .addOption(taskOptions.limit())
    .option('--strict', 'warnings count as errors')
    .option('--oracle', 'also run the reference solution and nothing at all, as two jobs')
    .option('-o, --results <dir>', 'where the jobs of --oracle go', defaultResultsDir)
    .addOption(sandboxOptions.concurrency())
    .addOption(sandboxOptions.engine())
    .addOption(sandboxOptions.pull())
    .addOption(sandboxOptions.forceBuild())
    .addOption(sandboxOptions.passEnv())
    .option('--json', 'print JSON')
    .action(async (names, flags) => {
      using interrupt = listenForInterrupt();
      const checked: CheckedDataset[] = [];
      for (const dataset of await chosenDatasets(withNames(flags, names), interrupt.signal))
        checked.push({ dataset, findings: await checkDataset(dataset, await manifestOf(dataset)) });
      const all = flags.oracle === true ? await withSolutions(checked, flags, interrupt) : checked;
      print(flags.json === true ? toJson(all) : all.map(render).join('\n'));
      const bad = flags.strict === true ? ['error', 'warning'] : ['error'];
      if (all.some(({ findings }) => findings.some(({ level }) => bad.includes(level))))
        process.exitCode = exitCodes.no;
    });
}

interface CheckedDataset {
  readonly dataset: Dataset;
  readonly findings: readonly CheckFinding[];
}

interface OracleFlags {
  readonly engine?: string;
  readonly results: string;
  readonly concurrency: number;
  readonly pull: RunSpec['trial']['pull'];
  readonly forceBuild: boolean;
  readonly passEnv?: string[];
}

/** The datasets with what running their solutions, and nothing at all, has found. */
async function withSolutions(
  checked: readonly CheckedDataset[],
  { results: resultsDir, concurrency, ...flags }: OracleFlags,
  interrupt: Interrupt,
): Promise<CheckedDataset[]> {
  const { env } = process;
  const { signal } = interrupt;
  await using engine = await openEngine({ engine: flags.engine ?? null, env, signal, tell });
  using _closing = interrupt.closeBeforeQuitting(engine);
  const trial = { pull: flags.pull, forceBuild: flags.forceBuild, passedVariables: flags.passEnv ?? [] };
  const all: CheckedDataset[] = [];
  for (const { dataset, findings } of checked) {
    using display = openDisplay();
    const surroundings = { env, resultsDir, signal, tell: display.tell };
    const found = await checkSolutions({
      ...{ dataset, engine, concurrency, trial, surroundings },
      emit: display.show,
    });
    all.push({ dataset, findings: [...findings, ...found] });
  }
  return all;
}

function render({ dataset, findings }: CheckedDataset): string {
  return renderFindings(dataset.name, dataset.tasks.length + dataset.broken.length, findings);
}

function toJson(checked: readonly CheckedDataset[]): string {
  const datasets = checked.map(({ dataset, findings }) => ({
    dataset: dataset.name,
    n_tasks: dataset.tasks.length + dataset.broken.length,
    findings,
  }));
  return `${safeJson({ datasets })}\n`;
}

/** What the dataset's content is held against: the manifest it was fetched by, or the one in its folder. */
async function manifestOf(dataset: Dataset): Promise<Manifest | null> {
  if (dataset.origin === null) return manifestBeside(dataset);
  const shipped = await shippedDatasets(datasetPlaces(process.env).shippedDir);
  const found = shipped.find(({ name }) => name === dataset.name);
  return found?.kind === 'manifest' ? found.manifest : null;
}
