import { Command } from '@commander-js/extra-typings';
import { runDefaults } from '../record/run-spec.js';
import { defaultResultsDir } from './default-results-dir.js';
import { collect, parseCount, parseFactor } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { taskOptions } from './options/task-options.js';

const examples = `
Revisions are named one by one, or by globs over what --from lists: the branches of a repository of the Hugging Face hub or
of any git repository, or the folders of a folder of checkpoints.
A server for each revision: one that runs already (--base-url REV=URL), one started by --serve-command, whose
shell finds MODEL, REVISION, SERVED_NAME, PORT and SLOT in its environment, or else the vLLM command of \`tbench serve\`. What it
prints is kept in the sweep's folder, and it is stopped, with all it started, before the next. The same command again
continues: finished revisions need no server.

Examples:
  tbench sweep my/model --revisions step_20,step_40 --dataset tb-lite --attempts 3
  tbench sweep my/model --revisions 'step_*' --every 2 --serve-command 'vllm serve "$MODEL" --revision "$REVISION" --port "$PORT"'
  tbench sweep my/model --revisions step_20,step_40 --base-url step_20=http://gpu1:8000/v1 --base-url step_40=http://gpu2:8000/v1
  tbench sweep runs/7/checkpoints --revisions 'checkpoint-*' --watch --every 2    every second one as it is written
  tbench sweep my/model --revisions 'step_*' --servers 4 --adaptive --attempts 5 \\
    --serve-command 'CUDA_VISIBLE_DEVICES=$SLOT vllm serve "$MODEL" --revision "$REVISION" --port "$PORT"'
  tbench curve results/sweep-my-model                  what it found

Exit codes: 0 all revisions evaluated, 2 wrong usage, 3 a server did not start or went away, or trials have no verdict, 130 interrupted.`;

/** `tbench sweep` with its options, before anything is attached to it. */
export function describeSweep() {
  return new Command('sweep')
    .description(
      'Evaluates the checkpoints of a model one after the other: serve, wait, run, stop; resumable.',
    )
    .argument('<model>', 'the model as its servers list it, or a folder of checkpoints')
    .requiredOption('--revisions <list>', 'revisions or globs of them, separated by commas')
    .option(
      '--every <n>',
      'of those a glob matches only each n-th, by step, those that have come and gone counted',
      parseCount,
      1,
    )
    .option(
      '--from <source>',
      'where revisions are listed: a git repository, a folder, a hub name (default: MODEL)',
    )
    .option(
      '--watch [minutes]',
      'also evaluate revisions as they appear, until none has for so long (default: until interrupted)',
      (minutes) => parseFactor(minutes),
    )
    .option('--poll <seconds>', 'how often --watch looks', parseFactor, 30)
    .option(
      '--adaptive',
      'two attempts a task for all, then one more a round for those not shown to be below the best',
    )
    .option('--base-url <rev=url>', 'a server that runs already; repeatable', collect)
    .option(
      '--serve-command <command>',
      'starts the server of a revision (default: as `tbench serve` prints)',
    )
    .option('--servers <n>', 'revisions served at once', parseCount, 1)
    .option('--port <n>', 'port of the first of them, the others follow', parseCount, 8000)
    .option('--start-limit <minutes>', 'how long a server may take to answer', parseFactor, 30)
    .addOption(taskOptions.dataset(` (default: tb-lite)`))
    .addOption(taskOptions.tasks())
    .addOption(taskOptions.exclude())
    .addOption(taskOptions.limit())
    .option('-k, --attempts <n>', 'attempts at each task', parseCount, runDefaults.attempts)
    .option('--harness <name or file>', 'how the model is turned into an agent', runDefaults.harness)
    .addOption(sandboxOptions.concurrency())
    .addOption(sandboxOptions.pull())
    .addOption(sandboxOptions.engine())
    .option('-o, --results <dir>', "where the sweep's folder lies", defaultResultsDir)
    .option('--name <name>', "the sweep's folder (default: sweep-MODEL)")
    .addHelpText('after', examples);
}

export type SweepFlags = ReturnType<ReturnType<typeof describeSweep>['opts']>;
