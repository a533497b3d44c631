import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { safeJson } from '../base/safe-text.js';
import { mergeJobs } from '../job/merge/merge-jobs.js';
import { findFolder } from '../review/find-folder.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { print, tell } from './tell.js';

const examples = `
Examples:
  tbench run -m my-model --shard 2/5 --job night.2     on the second of five machines, each with its own number
  tbench merge night.1 night.2 night.3 night.4 night.5 --out night     where the five folders have been brought
  tbench merge results/night.* --out night             the same, by the shell

The parts must be all parts of one plan, finished, each once; otherwise every fault is named and nothing is written.
docs/scale.md shows a Slurm array and a CI matrix.`;

/** `tbench merge`: one job from the parts that several machines made. */
export function mergeCommand() {
  return new Command('merge')
    .description(
      'Joins the jobs of `tbench run --shard i/n` into one. The parts are copied, and stay as they are.',
    )
    .argument('<parts...>', 'job folders, or names of jobs in the results folder')
    .requiredOption('--out <name>', 'name of the new job in the results folder, or a path')
    .option('-o, --results <dir>', 'where job folders lie', defaultResultsDir)
    .option('--json', 'print {"dir", "parts", "trials", "leftOut"}', false)
    .addHelpText('after', examples)
    .action(async (names, { out, results, json }) => {
      using interrupt = listenForInterrupt();
      const dirs = [];
      for (const name of names) dirs.push(await findFolder(name, results));
      const target = out.includes('/') ? out : join(results, out);
      const report = await mergeJobs(dirs, target, interrupt.signal);
      for (const path of report.leftOut) tell(`left out, no regular file: ${path}`);
      print(
        json
          ? `${safeJson(report, 0)}\n`
          : `${report.trials} trials of ${report.parts} parts in ${report.dir}\n`,
      );
    });
}
