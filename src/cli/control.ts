import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { isJobRunning, sendCommand } from '../job/control/send-command.js';
import type { ControlCommand } from '../record/control-command.js';
import { findFolder } from '../review/find-folder.js';
import { readRunOfJob } from '../run/read-run-of-job.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { parseCountOrAuto } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { runAndPrint } from './run.js';
import { print, tell } from './tell.js';

const jobArgument = 'a job folder, or a name under --results; latest is the job that was worked on last';
const trialArgument = 'only these trials, by name; without any the whole job';
const resultsOption = ['--results <dir>', 'where names are looked up', defaultResultsDir] as const;

/** `tbench pause JOB [TRIAL…]`. */
export function pauseCommand() {
  return new Command('pause')
    .description(
      'Pauses a running job: no trial starts, and those under way wait before their next turn. The time is nobody’s. Commands and tests under way run to their end.',
    )
    .argument('<job>', jobArgument)
    .argument('[trials...]', trialArgument)
    .option(...resultsOption)
    .action((job, trials, { results }) => tellJob(job, results, { action: 'pause', trials }));
}

/** `tbench resume JOB [TRIAL…]`. */
export function resumeCommand() {
  return new Command('resume')
    .description(
      'Lets a paused job go on. A job that no process works on is continued here, as the command that started it would.',
    )
    .argument('<job>', jobArgument)
    .argument('[trials...]', trialArgument)
    .option(...resultsOption)
    .addOption(sandboxOptions.engine())
    .action(async (job, trials, { results, engine }) => {
      const dir = await findFolder(job, results);
      if (await isJobRunning(dir)) return tellJob(job, results, { action: 'resume', trials });
      if (trials.length > 0)
        throw new InputError(`job ${job} is not running, so none of its trials is paused`, {
          hint: `tbench resume ${job} continues it.`,
        });
      const { spec, name, resultsDir } = await readRunOfJob(dir);
      const { agent, trial } = spec;
      const servers =
        agent.kind === 'model'
          ? ` with ${agent.model.name} at ${agent.model.baseUrls.join(', ') || 'no server'}`
          : '';
      const passed =
        trial.passedVariables.length === 0 ? '' : `; its tasks may read ${trial.passedVariables.join(', ')}`;
      tell(`continuing ${name}${servers}${passed}`);
      return runAndPrint([spec], { engine, results: resultsDir, job: name, json: false }, process.env);
    });
}

/** `tbench cancel JOB [TRIAL…]`. */
export function cancelCommand() {
  return new Command('cancel')
    .description(
      'Ends a running job as Ctrl-C does, or only some of its trials: they get no verdict and are not counted; whoever continues the job makes them again.',
    )
    .argument('<job>', jobArgument)
    .argument('[trials...]', trialArgument)
    .option(...resultsOption)
    .action((job, trials, { results }) => tellJob(job, results, { action: 'cancel', trials }));
}

/** `tbench set JOB --concurrency N`. */
export function setCommand() {
  return new Command('set')
    .description(
      'Changes how many trials of a running job are made at once; those under way run to their end.',
    )
    .argument('<job>', jobArgument)
    .requiredOption('-n, --concurrency <n>', 'trials at once, or auto', parseCountOrAuto)
    .option(...resultsOption)
    .action((job, { results, concurrency }) => tellJob(job, results, { action: 'set', concurrency }));
}

async function tellJob(job: string, results: string, command: ControlCommand): Promise<void> {
  using interrupt = listenForInterrupt({ says: 'no longer waiting for an answer' });
  const dir = await findFolder(job, results);
  const { done, text } = await sendCommand(dir, command, interrupt.signal);
  if (!done) throw new InputError(`job ${job}: ${text}`);
  print(`${text}\n`);
}
