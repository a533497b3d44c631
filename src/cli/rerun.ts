import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { shelveTrials, type TrialChoice } from '../job/store/shelve-trials.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { readRunOfJob } from '../run/read-run-of-job.js';
import { findFolder } from '../review/find-folder.js';
import { defaultResultsDir } from './default-results-dir.js';
import { collect } from './options/parse-values.js';
import { sandboxOptions } from './options/sandbox-options.js';
import { continueJob } from './resume.js';
import { tell } from './tell.js';

const parts = ['ending', 'blame', 'verdict', 'task'] as const;

const examples = `
Examples:
  tbench rerun night-7 --where blame=infrastructure
  tbench rerun night-7 --where ending=agent-timeout --where task=fix-git   both must hold
  tbench rerun night-7 --where verdict=tampered --where verdict=none       one of the two`;

/** `tbench rerun JOB --where PART=VALUE`. */
export function rerunCommand() {
  return new Command('rerun')
    .description(
      'Makes a chosen set of trials of a job again, each as a further try; what came of the one before is kept in its tries/.',
    )
    .argument('<job>', 'a job folder, or a name under --results')
    .requiredOption(
      '--where <part=value>',
      `which trials: ${parts.join(', ')}; repeatable, several values of a part are alternatives`,
      collect,
    )
    .option('-o, --results <dir>', 'where names are looked up', defaultResultsDir)
    .addOption(sandboxOptions.engine())
    .option('--env-file <file>', 'file of NAME=value lines; repeatable', collect)
    .option('--json', 'print the scores as JSON', false)
    .addHelpText('after', examples)
    .action(async (name, options) => {
      const choice = choiceOf(options.where);
      const dir = await findFolder(name, options.results);
      // Before anything is put aside: what cannot be made again keeps its result.
      const { spec } = await readRunOfJob(dir, datasetPlaces(process.env));
      if (
        spec.shard !== null ||
        spec.tasks.include.length + spec.tasks.exclude.length > 0 ||
        spec.tasks.limit !== null
      )
        tell(
          `the last start of ${dir} was for a part of its tasks: trials beyond it wait for a start that has them`,
        );
      const shelved = await shelveTrials(dir, { ...choice, attempts: spec.attempts });
      if (shelved.length === 0) throw new InputError(`no trial of ${dir} is ${options.where.join(' ')}`);
      tell(`made again: ${shelved.join(' ')}`);
      await continueJob(dir, { ...options, adopt: true });
    });
}

function choiceOf(conditions: readonly string[]): TrialChoice {
  const choice: Record<(typeof parts)[number], string[]> = { ending: [], blame: [], verdict: [], task: [] };
  for (const condition of conditions) {
    const [part, ...value] = condition.split('=');
    const known = parts.find((one) => one === part);
    if (known === undefined || value.length === 0)
      throw new InputError(
        `--where ${condition}: not one of ${parts.map((one) => `${one}=VALUE`).join(', ')}`,
      );
    choice[known].push(value.join('='));
  }
  return choice;
}
