import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { scoresToJson } from '../report/score/score-json.js';
import { renderScoreCsv, renderScoreMarkdown } from '../report/score/score-formats.js';
import { renderScoreTable } from '../report/score/table.js';
import { renderTaskTable } from '../report/score/task-table.js';
import type { JobSummary } from '../record/job-summary.js';
import type { JobScore } from '../score/job/job-score.js';
import { poolJobs, poolObstacles } from '../score/job/pool.js';
import { runOrders } from '../score/job/run-order.js';
import { scoreJob } from '../score/job/score-job.js';
import { readNamedJobs } from './read-named-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { terminalWidth } from './terminal-width.js';

const examples = `
Examples:
  tbench score results/my-job                       the table, and what stands behind it
  tbench score results/* --markdown                 one row a job, for a model card
  tbench score my-job --json | jq '.jobs[0].mean'   for machines; fractions of 1
  tbench score my-job --tasks                       a row a task
  tbench score harbor-job --metadata path/to/tasks --by expert_time_estimate_min
  tbench score harbor-job --run-order apfs          pair attempts as a Mac lists them (published TB 2.0 spreads)`;

/** `tbench score JOB...`. */
export function scoreCommand() {
  return new Command('score')
    .description(
      'Prints mean ± std over runs for recorded jobs: folders of tbench, Harbor, mini-swe-agent or Terminal-Bench 1.',
    )
    .argument('<job...>', 'job folders, or names under --results')
    .option('--results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .option('--markdown', 'print a Markdown table')
    .option('--csv', 'print CSV')
    .option('--pool', 'score the jobs as one: more attempts of the same thing')
    .option('--tasks', 'add a table of the tasks')
    .option('--by <key...>', 'also group by these metadata keys')
    .option(
      '--metadata <file>',
      'JSON with tasks[] of name, difficulty, category ... for jobs that record none',
    )
    .addOption(new Option('--run-order <order>', 'how attempts are paired into runs').choices(runOrders))
    .addHelpText('after', examples)
    .action(async (names, flags) => {
      const read = await readNamedJobs(names, flags);
      const jobs = flags.pool === true ? [pooled(read)] : read;
      const scores = jobs.map((job) =>
        scoreJob(job, {
          ...(flags.runOrder === undefined ? {} : { runOrder: flags.runOrder }),
          ...(flags.by === undefined ? {} : { groupBy: flags.by }),
        }),
      );
      process.stdout.write(render(scores, flags));
    });
}

type ScoreFlags = {
  results: string;
  json?: true;
  markdown?: true;
  csv?: true;
  tasks?: true;
  pool?: true;
  by?: string[];
  metadata?: string;
  runOrder?: (typeof runOrders)[number];
};

function pooled(jobs: readonly JobSummary[]): JobSummary {
  const obstacles = poolObstacles(jobs);
  const pool = poolJobs(jobs);
  if (pool !== null && obstacles.length === 0) return pool;
  throw new InputError(`these jobs are not the same thing: ${[...new Set(obstacles)].join('; ')}`, {
    hint: 'Score them side by side without --pool.',
  });
}

function render(scores: readonly JobScore[], flags: ScoreFlags): string {
  if (flags.json === true) return `${JSON.stringify(scoresToJson(scores), null, 2)}\n`;
  if (flags.markdown === true) return renderScoreMarkdown(scores);
  if (flags.csv === true) return renderScoreCsv(scores);
  const width = terminalWidth();
  const table = renderScoreTable(scores, { width });
  if (flags.tasks !== true) return table;
  return [table, ...scores.map((score) => `${score.name}\n${renderTaskTable(score, width)}`)].join('\n');
}
