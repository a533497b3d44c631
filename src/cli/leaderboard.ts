import { safeJson } from '../base/safe-text.js';
import { Command } from '@commander-js/extra-typings';
import { InputError } from '../base/errors.js';
import { auditToJson, renderAudit } from '../report/published/audit-text.js';
import { meansChart } from '../report/charts/means-chart.js';
import { renderChart } from '../report/charts/render-chart.js';
import {
  leaderboardToJson,
  renderLeaderboard,
  renderLeaderboardCsv,
  renderLeaderboardMarkdown,
  type Leaderboard,
} from '../report/published/leaderboard-text.js';
import { loadPublished } from '../results/published.js';
import { writeFileAtomic } from '../results/write-file.js';
import { auditColumn } from '../score/published/audit-published.js';
import { matchPublished, unpublished } from '../score/published/leaderboard.js';
import type { JobScore } from '../score/job/job-score.js';
import { scoreJob } from '../score/job/score-job.js';
import { readNamedJobs, tellProblems } from './read-named-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { print, tell } from './tell.js';
import { terminalWidth } from './terminal-width.js';

const examples = `
Examples:
  tbench leaderboard                                     the published tables
  tbench leaderboard my-job                              the published row of that model beside what was measured
  tbench leaderboard my-job --as "Qwen 3.5 9B SWE-smith" when the served name is another
  tbench leaderboard my-job --svg leaderboard.svg        as a picture
  tbench leaderboard audit                               what the published ± can be at all`;

/** `tbench leaderboard [JOB...]` and `tbench leaderboard audit`. */
export function leaderboardCommand() {
  return new Command('leaderboard')
    .description(
      'Sets published Terminal-Bench rows beside measured ones and says whether they differ beyond noise.',
    )
    .argument('[jobs...]', 'job folders, or names under --results')
    .option('--as <model>', 'the published model to compare with')
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option('--json', 'print JSON')
    .option('--markdown', 'print a Markdown table')
    .option('--csv', 'print CSV')
    .option('--svg <file>', 'also write a picture')
    .addHelpText('after', examples)
    .addCommand(auditCommand())
    .action(async (names, flags) => {
      const jobs = names.length === 0 ? [] : await readNamedJobs(names, flags);
      tellProblems(jobs);
      const scores = jobs.map((job) => scoreJob(job));
      const cells = await loadPublished();
      const rows = matchPublished(cells, scores, flags.as);
      const without = unpublished(cells, scores, flags.as);
      if (rows.length === 0) throw new InputError(nothingPublished(without), { hint: publishedHint });
      print(render({ rows, unpublished: without }, flags));
      if (without.length > 0) tell(`${nothingPublished(without)}. ${publishedHint}`);
      if (flags.svg !== undefined) {
        const chart = meansChart(scores, [...new Set(rows.map((row) => row.published))]);
        await writeFileAtomic(flags.svg, await renderChart(chart));
      }
    });
}

function auditCommand() {
  return new Command('audit')
    .description(
      'Enumerates the whole numbers behind each published mean ± spread: which definition of ± fits.',
    )
    .option('--json', 'print JSON')
    .action(async (flags) => {
      const cells = await loadPublished();
      const audits = ['tb-2.1', 'tb-lite'].map((dataset) => auditColumn(cells, dataset));
      print(
        flags.json === true ? `${safeJson(auditToJson(audits))}\n` : renderAudit(audits, terminalWidth()),
      );
    });
}

interface Formats {
  readonly json?: true;
  readonly markdown?: true;
  readonly csv?: true;
}

function render(board: Leaderboard, flags: Formats): string {
  if (flags.json === true) return `${safeJson(leaderboardToJson(board))}\n`;
  if (flags.markdown === true) return renderLeaderboardMarkdown(board);
  if (flags.csv === true) return renderLeaderboardCsv(board);
  return renderLeaderboard(board, terminalWidth());
}

const publishedHint = 'See the published rows with: tbench leaderboard. Name one with --as "MODEL".';

function nothingPublished(scores: readonly JobScore[]): string {
  const what = new Set(scores.map((score) => `${score.model} on ${score.dataset}`));
  return `nothing is published for ${[...what].join('; ')}`;
}
