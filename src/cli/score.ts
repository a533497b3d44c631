import { safeJson } from '../base/safe-text.js';
import { Command, Option } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { scoresToJson } from '../report/score/score-json.js';
import { renderScoreCsv, renderScoreMarkdown } from '../report/score/score-formats.js';
import { renderScoreTable } from '../report/score/table.js';
import { renderGroupCsv, renderGroupMarkdown, renderGroupTable } from '../report/score/group-table.js';
import {
  renderTaskCsv,
  renderTaskMarkdown,
  renderTaskTable,
  type TaskMarks,
} from '../report/score/task-table.js';
import { escapeMarkdown } from '../report/text/delimited.js';
import type { JobSummary } from '../record/job-summary.js';
import type { JobScore } from '../score/job/job-score.js';
import { poolJobs, poolObstacles } from '../score/job/pool.js';
import { runOrders } from '../score/job/run-order.js';
import { scoreJob } from '../score/job/score-job.js';
import { readNamedJobs, tellProblems } from './read-named-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import {
  collectSpeeds,
  noiseToJson,
  readMarks,
  readNoise,
  renderNoise,
  type JobNoise,
} from './score-noise.js';
import { terminalWidth } from './terminal-width.js';
import { print } from './tell.js';

const examples = `
Examples:
  tbench score results/my-job                       the table, and what stands behind it
  tbench score results/* --markdown                 one row a job, for a model card
  tbench score my-job --json | jq '.jobs[0].mean'   for machines; fractions of 1
  tbench score my-job --tasks                       a row a task
  tbench score latest                               the job under --results that was worked on last
  tbench score harbor-job --metadata path/to/tasks --by expert_time_estimate_min
  tbench score my-job --at-speed 20 50 100          what the model's speed makes of the mean (docs/noise.md)
  tbench score harbor-job --run-order apfs          pair attempts as a Mac lists them (published TB 2.0 spreads)`;

/** `tbench score JOB...`. */
export function scoreCommand() {
  return new Command('score')
    .description(
      'Prints mean ± std over runs for recorded jobs: folders of tbench, Harbor, mini-swe-agent or Terminal-Bench 1.',
    )
    .argument('<job...>', 'job folders, or names under --results')
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .option('--markdown', 'print a Markdown table')
    .option('--csv', 'print CSV')
    .option('--pool', 'score the jobs as one: more attempts of the same thing')
    .option('--details', 'what stands behind each number, also for several jobs')
    .option('--tasks', 'add a table of the tasks; with --csv it is that table')
    .option('--by <key...>', 'also group by these metadata keys; with --csv a row a group')
    .option(
      '--metadata <file>',
      'JSON with tasks[] of name, difficulty, category ... for jobs that record none',
    )
    .option(
      '--at-speed <tokens/s...>',
      'add what the mean would be if the agent clock counted tokens at these rates',
      collectSpeeds,
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
      if (flags.markdown === true || flags.csv === true) tellProblems(jobs);
      const noise =
        flags.markdown === true || flags.csv === true ? [] : await readNoise(jobs, flags.atSpeed ?? []);
      const marks = flags.tasks === true && flags.csv !== true ? await readMarks(jobs) : [];
      print(render(scores, { noise, marks }, flags));
    });
}

type ScoreFlags = {
  results: string;
  json?: true;
  markdown?: true;
  csv?: true;
  details?: true;
  tasks?: true;
  pool?: true;
  by?: string[];
  metadata?: string;
  atSpeed?: number[];
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

/** What is known beside the scores; `marks` of the tasks of each. */
interface Beside {
  readonly noise: readonly JobNoise[];
  readonly marks: readonly TaskMarks[];
}

function render(scores: readonly JobScore[], { noise, marks }: Beside, flags: ScoreFlags): string {
  if (flags.json === true) return `${safeJson({ ...scoresToJson(scores), ...noiseOf(noise, flags) })}\n`;
  if (flags.markdown === true) return renderMarkdown(scores, marks, flags);
  if (flags.csv === true) return renderOneCsv(scores, flags);
  const width = terminalWidth();
  const details = flags.details === true || scores.length === 1;
  // Details have the groups already.
  const groups = details
    ? []
    : scores.flatMap((score) => titled(score.name, renderGroupTable(score, flags.by ?? [], width)));
  const tasks =
    flags.tasks === true
      ? scores.map((score, at) => `${score.name}\n${renderTaskTable(score, width, marks[at])}`)
      : [];
  const more = details ? [] : ['What stands behind each number: --details\n'];
  return [
    renderScoreTable(scores, { width, details }),
    ...groups,
    ...tasks,
    ...renderNoise(noise, width),
    ...more,
  ].join('\n');
}

/** In JSON on demand only: what read it before finds what it knew. */
function noiseOf(noise: readonly JobNoise[], { details, atSpeed }: ScoreFlags): Record<string, unknown> {
  return details === true || atSpeed !== undefined ? { noise: noise.map(noiseToJson) } : {};
}

function titled(name: string, table: string | null): string[] {
  return table === null ? [] : [`${name}\n${table}`];
}

/** The table of the jobs, then a section a job where tasks or groups were asked for. */
function renderMarkdown(
  scores: readonly JobScore[],
  marks: readonly TaskMarks[],
  { tasks, by }: ScoreFlags,
): string {
  const sections = scores.flatMap((score, at) => {
    const tables = [
      renderGroupMarkdown(score, by ?? []),
      tasks === true ? renderTaskMarkdown(score, marks[at]) : null,
    ];
    const found = tables.filter((table) => table !== null);
    return found.length === 0 ? [] : [[`## ${escapeMarkdown(score.name)}`, ...found].join('\n\n')];
  });
  return `${[renderScoreMarkdown(scores).trimEnd(), ...sections].join('\n\n')}\n`;
}

/** A CSV is one table: of jobs, or of their tasks, or of their groups. */
function renderOneCsv(scores: readonly JobScore[], { tasks, by }: ScoreFlags): string {
  if (tasks === true && by !== undefined)
    throw new InputError('--csv is one table: of the tasks, or of groups', {
      hint: 'Give --tasks or --by, or take --json, which has both.',
    });
  if (tasks === true) return renderTaskCsv(scores);
  return by === undefined ? renderScoreCsv(scores) : renderGroupCsv(scores, by);
}
