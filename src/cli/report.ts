import { basename, dirname, extname, join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { describeError, InputError } from '../base/errors.js';
import { drawCharts, type Picture } from '../report/charts/job-charts.js';
import { ChartsMissingError } from '../report/charts/render-chart.js';
import { renderReportPage } from '../report/page/report-page.js';
import { renderReportMarkdown } from '../report/score/report-markdown.js';
import { loadPublished } from '../results/published.js';
import { writeFileAtomic } from '../results/write-file.js';
import { publishedDataset } from '../score/published/leaderboard.js';
import { scoreJob } from '../score/job/score-job.js';
import { readNamedJobs } from './read-named-jobs.js';
import { defaultResultsDir } from './default-results-dir.js';
import { print, tell } from './tell.js';

const examples = `
Examples:
  tbench report my-job --out report.html       one file: no script, nothing loaded from anywhere
  tbench report results/* --out report.md      Markdown, with SVG pictures in report-pictures/ beside it`;

/** `tbench report JOB...`. */
export function reportCommand() {
  return new Command('report')
    .description('Writes recorded jobs as one HTML page, or as Markdown with SVG pictures.')
    .argument('<job...>', 'job folders, or names under --results')
    .requiredOption('--out <file>', 'file to write: .html or .md (required)')
    .option('-o, --results <dir>', 'where job names are looked up', defaultResultsDir)
    .option(
      '--metadata <file>',
      'JSON with tasks[] of name, difficulty, category ... for jobs that record none',
    )
    .addHelpText('after', examples)
    .action(async (names, flags) => {
      const kind = extname(flags.out);
      if (kind !== '.html' && kind !== '.md') {
        throw new InputError(`cannot write a report as ${flags.out}`, {
          hint: 'End its name in .html or .md.',
        });
      }
      const jobs = (await readNamedJobs(names, flags)).map((summary) => ({
        summary,
        score: scoreJob(summary),
      }));
      const scores = jobs.map((job) => job.score);
      const datasets = new Set(scores.map((score) => publishedDataset(score.job.dataset)));
      const published = (await loadPublished()).filter(
        (cell) => datasets.has(cell.dataset) && cell.harness === null,
      );
      const pictures = await drawCharts(jobs, published).catch(withoutPictures);
      if (kind === '.html') {
        await writeFileAtomic(flags.out, renderReportPage(jobs, pictures));
      } else {
        const pictureDir = `${basename(flags.out, kind)}-pictures`;
        for (const { name, svg } of pictures) {
          await writeFileAtomic(join(dirname(flags.out), pictureDir, `${name}.svg`), `${svg}\n`);
        }
        await writeFileAtomic(flags.out, renderReportMarkdown(scores, pictures, pictureDir));
      }
      print(`${flags.out}\n`);
    });
}

/** The numbers are the report; a machine without the package that draws gets them all the same. */
function withoutPictures(error: unknown): Picture[] {
  if (!(error instanceof ChartsMissingError)) throw error;
  tell(`no pictures: ${describeError(error)}`);
  return [];
}
