import { basename } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { readOneJob } from '../review/find-jobs.js';
import { renderRegrade } from '../report/text/regrade-text.js';
import { regradeJob } from '../run/regrade/regrade-job.js';
import { complainAboutUnmeasured } from './complain-about-unmeasured.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { openDisplay } from './run-display.js';
import { print } from './tell.js';

const examples = `
Only the tests are run again, on what each trial kept: no model is asked and the agent's part stays as it was recorded. That is
its artifacts where the task verifies in a container of its own, and where the tests run in the agent's sandbox, the image of
that sandbox which run --keep-final leaves. Where the one or the other is missing, a trial has to be made again.

What a new version of a task asks of its trials:
  the same files        regrade: shows how far the tests' verdicts repeat
  1.4.2 -> 1.4.3        reuse: the results hold
  1.4.2 -> 1.5.0        regrade
  1.4.2 -> 2.0.0, none  rerun: another instruction, another trial

The regraded trials are a job of their own beside it, JOB__regrade-1 and so on; reused ones stay in JOB.

Examples:
  tbench regrade my-job                              with the tasks as they are now
  tbench regrade my-job -d ../tasks-v2               with another copy of them
  tbench regrade my-job -d ../tasks-v2 --force       whatever the versions say
  tbench compare my-job my-job__regrade-1            what the new tests changed

Exit codes: 0 done, 2 wrong usage, 3 some trials have no verdict, or the surroundings failed.`;

/** `tbench regrade JOB`. */
export function regradeCommand() {
  return new Command('regrade')
    .description('Runs the tests of recorded trials again, without their agent, on what the trials kept.')
    .argument('<job>', 'a job folder of tbench, or a name under --results')
    .option('-d, --dataset <name or path>', 'where its tasks are now (default: where they were)')
    .option('--force', 'regrade what can be regraded, whatever the versions of the tasks say', false)
    .addOption(sandboxOptions.concurrency())
    .addOption(sandboxOptions.passEnv())
    .addOption(sandboxOptions.engine())
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, { results, dataset = null, engine = null, concurrency, force, passEnv, json }) => {
      using interrupt = listenForInterrupt();
      const job = await readOneJob(name, results);
      using display = openDisplay();
      const { choices, report } = await regradeJob(
        {
          ...{ dir: job.dir, dataset, concurrency, force, passedVariables: passEnv ?? [] },
          trials: job.trials.flatMap(({ dir }) => (dir === null ? [] : basename(dir))),
        },
        { env: process.env, engine, signal: interrupt.signal, tell: display.tell },
        display.show,
      );
      const again = report === null ? null : await readOneJob(report.dir, report.dir);
      const trials = [...choices].map(([trial, choice]) => ({
        trial,
        ...choice,
        recorded: rewardOf(job, trial),
        regraded: again === null ? null : rewardOf(again, trial),
      }));
      const shown = { job: job.name, regraded: report?.name ?? null, trials };
      print(json === true ? `${JSON.stringify(shown, null, 2)}\n` : renderRegrade(shown));
      if (report !== null) complainAboutUnmeasured([report], 'The same command');
    });
}

/** Of the trial in this folder, whatever its record calls it; null where there is no verdict. */
function rewardOf({ trials }: Awaited<ReturnType<typeof readOneJob>>, name: string): number | null {
  const trial = trials.find(({ dir }) => dir !== null && basename(dir) === name);
  return trial?.measured === true ? trial.effectiveReward : null;
}
