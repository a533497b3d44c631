import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { isJobRunning } from '../job/control/send-command.js';
import type { RunSpec } from '../record/run-spec.js';
import { findFolder } from '../review/find-folder.js';
import { readRunOfJob } from '../run/read-run-of-job.js';
import { jobArgument, tellJob, trialArgument } from './control.js';
import { defaultResultsDir } from './default-results-dir.js';
import { withEnvFiles } from './options/env-file.js';
import { collect } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { runAndPrint } from './run.js';
import { tell } from './tell.js';

const examples = `
Examples:
  tbench resume night-7             after a crash or Ctrl-C: what is missing is made, what was under way gone on with
  tbench resume latest --no-adopt   the trials that were under way are made anew`;

/** `tbench resume JOB [TRIAL…]`. */
export function resumeCommand() {
  return new Command('resume')
    .description(
      'Lets a paused job go on. A job that no process works on is continued here, as the command that started it would; a trial whose sandbox outlived its process is gone on with where it was.',
    )
    .argument('<job>', jobArgument)
    .argument('[trials...]', trialArgument)
    .option('-o, --results <dir>', 'where names are looked up', defaultResultsDir)
    .option('--no-adopt', 'make anew what a killed process left in the middle')
    .addOption(sandboxOptions.engine())
    .option('--env-file <file>', 'file of NAME=value lines; repeatable', collect)
    .option('--json', 'print the scores as JSON', false)
    .addHelpText('after', examples)
    .action(async (job, trials, options) => {
      const dir = await findFolder(job, options.results);
      if (await isJobRunning(dir)) return tellJob(job, options.results, { action: 'resume', trials });
      if (trials.length > 0)
        throw new InputError(`job ${job} is not running, so none of its trials is paused`, {
          hint: `tbench resume ${job} continues it.`,
        });
      return continueJob(dir, options);
    });
}

/** Makes what is missing of the job in a folder, as its first start asked for it. */
export async function continueJob(
  dir: string,
  options: {
    readonly adopt: boolean;
    readonly json: boolean;
    readonly engine?: string | undefined;
    readonly envFile?: readonly string[] | undefined;
  },
): Promise<void> {
  const env = await withEnvFiles(options.envFile ?? [], process.env);
  const { spec, name, resultsDir } = await readRunOfJob(dir, datasetPlaces(env));
  tell(describeContinuation(name, spec));
  const { adopt, json, engine } = options;
  const place = { adopt, json, results: resultsDir, job: name, ...(engine === undefined ? {} : { engine }) };
  await runAndPrint([spec], place, { env, decision: null });
}

/** Who receives what: the folder says so, and not the person at this command. */
function describeContinuation(name: string, { agent, trial }: RunSpec): string {
  const servers =
    agent.kind === 'model'
      ? ` with ${agent.model.name} at ${agent.model.baseUrls.join(', ') || 'no server'}`
      : '';
  const passed =
    trial.passedVariables.length === 0 ? '' : `; its tasks may read ${trial.passedVariables.join(', ')}`;
  return `continuing ${name}${servers}${passed}`;
}
