import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import type { JobReport } from '../job/job.js';
import { runDefaults, type RunSpecInput } from '../record/run-spec.js';
import { readSweep } from '../review/curve-steps.js';
import { openRun } from '../run/open-run.js';
import { slug } from '../run/job-name.js';
import { readVersion } from '../run/version.js';
import { runSweep } from '../run/sweep/run-sweep.js';
import { serveRevision, type RevisionServer } from '../run/sweep/serve-revision.js';
import { complainAboutUnmeasured } from './complain-about-unmeasured.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt, type Interrupt } from './interrupt.js';
import { collect, parseCount, parseFactor } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { taskOptions, taskSelection } from './options/task-options.js';
import { openDisplay } from './run-display.js';
import { tell } from './tell.js';

const examples = `
A server for each revision: one that runs already (--base-url REV=URL), or one started for it by --serve-command, whose
shell finds MODEL, REVISION and PORT in its environment; what it prints is kept in the sweep's folder, and it is stopped, with
all it started, before the next. The same command again continues: finished revisions need no server.

Examples:
  tbench sweep my/model --revisions step_20,step_40 --dataset tb-lite --attempts 3 \\
    --serve-command 'vllm serve "$MODEL" --revision "$REVISION" --port "$PORT"'
  tbench sweep my/model --revisions step_20,step_40 --base-url step_20=http://gpu1:8000/v1 --base-url step_40=http://gpu2:8000/v1
  tbench curve results/sweep-my-model                  what it found

Exit codes: 0 all revisions evaluated, 2 wrong usage, 3 a server did not start or went away, or trials have no verdict, 130 interrupted.`;

/** `tbench sweep MODEL --revisions A,B,C`. */
export function sweepCommand() {
  return describeSweep().action(async (model, flags) => {
    using interrupt = listenForInterrupt();
    const dir = join(flags.results, flags.name ?? `sweep-${slug(model)}`);
    const revisions = flags.revisions.split(',').filter((revision) => revision !== '');
    const known = await readSweep(dir);
    await mkdir(dir, { recursive: true });
    const reports: JobReport[] = [];
    const sweep = await runSweep(
      { dir, model, revisions, version: readVersion() },
      {
        serve: (revision) => serve({ model, revision, dir }, flags, interrupt.signal),
        evaluate: async (job, baseUrl) => {
          const spec = specOf(model, baseUrl, flags);
          reports.push(...(await evaluate({ job, dir, interrupt }, spec, flags.engine ?? null)));
        },
        tell,
      },
      known,
    );
    process.stdout.write(
      `${sweep.revisions.length} revisions in ${dir}; what they say: tbench curve ${dir}\n`,
    );
    complainAboutUnmeasured(reports, 'The same command');
  });
}

function describeSweep() {
  return new Command('sweep')
    .description(
      'Evaluates the checkpoints of a model one after the other: serve, wait, run, stop; resumable.',
    )
    .argument('<model>', 'the model as its servers list it')
    .requiredOption('--revisions <list>', 'revisions, separated by commas')
    .option('--base-url <rev=url>', 'a server that runs already; repeatable', collect)
    .option('--serve-command <command>', 'starts the server of a revision')
    .option('--port <n>', 'port handed to it', parseCount, 8000)
    .option('--start-limit <minutes>', 'how long it may take to answer', parseFactor, 30)
    .addOption(taskOptions.dataset(` (default: tb-lite)`))
    .addOption(taskOptions.tasks())
    .addOption(taskOptions.exclude())
    .addOption(taskOptions.limit())
    .option('--attempts <n>', 'attempts at each task', parseCount, runDefaults.attempts)
    .option('--harness <name or file>', 'how the model is turned into an agent', runDefaults.harness)
    .addOption(sandboxOptions.concurrency())
    .addOption(sandboxOptions.engine())
    .option('--results <dir>', "where the sweep's folder lies", defaultResultsDir)
    .option('--name <name>', "the sweep's folder (default: sweep-MODEL)")
    .addHelpText('after', examples);
}

type SweepFlags = ReturnType<ReturnType<typeof describeSweep>['opts']>;

async function serve(
  { model, revision, dir }: { readonly model: string; readonly revision: string; readonly dir: string },
  flags: SweepFlags,
  signal: AbortSignal,
): Promise<RevisionServer> {
  const named = (flags.baseUrl ?? []).find((entry) => entry.startsWith(`${revision}=`));
  if (named !== undefined)
    return { baseUrl: named.slice(revision.length + 1), [Symbol.asyncDispose]: () => Promise.resolve() };
  if (flags.serveCommand === undefined)
    throw new InputError(`nothing serves ${revision}`, {
      hint: `Name a server with --base-url ${revision}=URL, or how to start one with --serve-command.`,
    });
  const logFile = join(dir, `server-${slug(revision)}.log`);
  const startLimitMs = flags.startLimit * 60_000;
  const request = { command: flags.serveCommand, model, revision, port: flags.port, env: process.env };
  return serveRevision({ ...request, logFile, startLimitMs }, signal);
}

function specOf(model: string, baseUrl: string, flags: SweepFlags): RunSpecInput {
  const dataset = flags.dataset ?? ['tb-lite'];
  if (dataset.length > 1)
    throw new InputError('a sweep is over one dataset, so that its jobs make one curve');
  return {
    datasets: dataset,
    tasks: taskSelection(flags),
    attempts: flags.attempts,
    concurrency: flags.concurrency,
    agent: { kind: 'model', harness: { name: flags.harness }, model: { name: model, baseUrls: [baseUrl] } },
  };
}

async function evaluate(
  { job, dir, interrupt }: { readonly job: string; readonly dir: string; readonly interrupt: Interrupt },
  spec: RunSpecInput,
  engine: string | null,
): Promise<readonly JobReport[]> {
  using display = openDisplay();
  await using run = await openRun(spec, {
    env: process.env,
    engine,
    resultsDir: dir,
    jobName: job,
    signal: interrupt.signal,
    tell: display.tell,
  });
  using _closing = interrupt.closeBeforeQuitting(run);
  return await run.start(display.show);
}
