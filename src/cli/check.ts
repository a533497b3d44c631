import { safeJson } from '../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { datasetPlaces } from '../dataset/source/places.js';
import { renderCheck } from '../report/published/check-text.js';
import { readCheckFacts } from '../review/check-facts.js';
import { readOneJob } from '../review/find-jobs.js';
import { checkRules } from '../score/published/check-rules.js';
import { exitCodes } from './exit-code.js';
import { defaultResultsDir } from './default-results-dir.js';
import { parseCount } from './options/parse-values.js';
import { terminalWidth } from './terminal-width.js';
import { print } from './tell.js';

const examples = `
Exit code 1 when a rule is broken.

Examples:
  tbench check my-job
  tbench check my-job --attempts 3 --json
  tbench check harbor-job --manifest tasks/tb-2.1/dataset.toml`;

const leaderboardAttempts = 5;

/** `tbench check JOB`. */
export function checkCommand() {
  return new Command('check')
    .description(
      "Applies the public leaderboard's static rules to a local job: limits, attempts, digests, trajectories.",
    )
    .argument('<job>', 'a job folder, or a name under --results')
    .option('--attempts <n>', 'attempts needed at every task', parseCount, leaderboardAttempts)
    .option(
      '--manifest <file>',
      'dataset.toml with the pinned digests; found by the dataset’s name otherwise',
    )
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const job = await readOneJob(name, flags.results);
      const { attempts, manifest } = flags;
      const { shippedDir } = datasetPlaces(process.env);
      const rules = checkRules(job, await readCheckFacts(job, { attempts, manifest, shippedDir }));
      const passed = rules.every(({ outcome }) => outcome !== 'fail');
      print(
        flags.json === true
          ? `${safeJson({ schema_version: 1, job: job.name, passed, rules })}\n`
          : renderCheck(job.name, rules, terminalWidth()),
      );
      if (!passed) process.exitCode = exitCodes.no;
    });
}
