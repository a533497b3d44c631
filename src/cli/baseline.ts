import { Command } from '@commander-js/extra-typings';
import { writeBaseline } from '../results/baseline-file.js';
import { baselineOfJob, sideCoverage, sideOfJob } from '../score/comparison/comparison-side.js';
import { readOneJob } from '../review/find-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { readVersion } from '../run/version.js';
import { print } from './tell.js';

const examples = `
Examples:
  tbench baseline save main-job --out baselines/tb-lite.json     small, made to be committed
  tbench gate candidate --baseline baselines/tb-lite.json`;

/** `tbench baseline save JOB`. */
export function baselineCommand() {
  const save = new Command('save')
    .description('Writes what a later gate needs of a job: per-task rewards, digests, limits, versions.')
    .argument('<job>', 'a job folder, or a name under --results')
    .requiredOption('--out <file>', 'file to write (required)')
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .action(async (name, flags) => {
      const job = await readOneJob(name, flags.results);
      const baseline = baselineOfJob(job, { version: readVersion(), savedAt: new Date().toISOString() });
      const { measured, planned } = sideCoverage(sideOfJob(job));
      await writeBaseline(flags.out, baseline);
      print(
        `${flags.out}: ${Object.keys(baseline.tasks).length} tasks of ${job.name}, ${measured} of ${planned} trials measured\n`,
      );
    });
  return new Command('baseline')
    .description('Keeps a job as the small file that gates compare with.')
    .addCommand(save)
    .addHelpText('after', examples);
}
