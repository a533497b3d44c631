import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { sendCommand } from '../job/control/send-command.js';
import type { ControlCommand } from '../record/control-command.js';
import { findFolder } from '../review/find-folder.js';
import { defaultResultsDir } from './default-results-dir.js';
import { listenForInterrupt } from './interrupt.js';
import { parseCountOrAuto } from './options/parse-values.js';
import { print } from './tell.js';

export const jobArgument =
  'a job folder, or a name under --results; latest is the job that was worked on last';
export const trialArgument = 'only these trials, by name; without any the whole job';
const resultsOption = ['-o, --results <dir>', 'where names are looked up', defaultResultsDir] as const;

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

/** Sends a command to the process that works on a job, and prints its answer. */
export async function tellJob(job: string, results: string, command: ControlCommand): Promise<void> {
  using interrupt = listenForInterrupt({ says: 'no longer waiting for an answer' });
  const dir = await findFolder(job, results);
  const { done, text } = await sendCommand(dir, command, interrupt.signal);
  if (!done) throw new InputError(`job ${job}: ${text}`);
  print(`${text}\n`);
}
