import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { loadManifest } from '../dataset/source/manifest.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { renderCheck } from '../report/published/check-text.js';
import type { JobSummary } from '../record/job-summary.js';
import { readConversation } from '../results/formats/read-conversation.js';
import { checkRules, shortName } from '../score/published/check-rules.js';
import { publishedDataset } from '../score/published/leaderboard.js';
import { exitCodes } from './exit-code.js';
import { defaultResultsDir } from './default-results-dir.js';
import { readOneJob } from './read-jobs.js';
import { parseCount } from './options/parse-values.js';
import { terminalWidth } from './terminal-width.js';

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
    .option('--results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (name, flags) => {
      const job = await readOneJob(name, flags.results);
      const rules = checkRules(job, {
        pinned: await pinnedDigests(job, flags.manifest),
        withTrajectory: trialsWithTrajectory(job),
        attempts: flags.attempts,
      });
      const passed = rules.every(({ outcome }) => outcome !== 'fail');
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ schema_version: 1, job: job.name, passed, rules }, null, 2)}\n`
          : renderCheck(job.name, rules, terminalWidth()),
      );
      if (!passed) process.exitCode = exitCodes.no;
    });
}

/** Digests by task of the manifest given, or of the shipped one for this dataset; null when there is none. */
async function pinnedDigests(
  job: JobSummary,
  file: string | undefined,
): Promise<Map<string, string[]> | null> {
  const known = publishedDataset(job.dataset);
  const path =
    file ?? (known === null ? null : join(datasetPlaces(process.env).shippedDir, known, 'dataset.toml'));
  if (path === null) return null;
  const manifest = await loadManifest(path);
  return new Map(
    manifest.tasks.map((task) => [
      shortName(task.name),
      [task.digest, task.checksum].filter((digest) => digest !== null),
    ]),
  );
}

function trialsWithTrajectory(job: JobSummary): Set<string> {
  const rewarded = job.trials.filter((trial) => trial.effectiveReward > 0 && trial.dir !== null);
  return new Set(
    rewarded
      .filter((trial) => readConversation(trial.dir ?? '')?.format === 'atif')
      .map((trial) => trial.name),
  );
}
