import type { Picture, ReportedJob } from '../charts/job-charts.js';
import { areToldApart, scoreCells, scoreColumns, type ScoreColumn } from '../score/score-cells.js';
import { scoreLines } from '../score/score-details.js';
import type { JobScore } from '../../score/job/job-score.js';
import { html, type Html } from './html.js';
import { pictureAddress } from './picture-address.js';
import { style } from './style.js';
import { table } from './table.js';
import { taskTable } from './task-trials.js';

/**
 * One self-contained page: no script, nothing loaded from anywhere (its own policy forbids both), every text from
 * records escaped, pictures as data. The score comes first. The same jobs give the same bytes.
 */
export function renderReportPage(jobs: readonly ReportedJob[], pictures: readonly Picture[]): string {
  const scores = jobs.map(({ score }) => score);
  const title = `tbench report: ${scores.map((score) => score.name).join(', ')}`;
  const shared = pictures.filter((picture) => !picture.name.startsWith('job'));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>Terminal-Bench report</h1>
          ${scoreTable(scores)}
          ${scores.flatMap((score) => score.labels.map((label) => html`<p class="label"><b>${score.name}</b>: ${label}</p>`))}
          ${contents(scores, shared.length > 0)}
          ${shared.length === 0 ? '' : html`<h2 id="pictures">All jobs</h2>`} ${shared.map(figure)}
          ${jobs.map((job, index) =>
            jobSection(job, index + 1, picturesOf(index + 1, pictures, jobs.length)),
          )}
        </main>
      </body>
    </html> `;
  // Indentation of the templates, thousands of times over, would be a fifth of the page.
  return page.markup.replace(/\n\s+/g, '\n');
}

/** Only for the style sheet, which is ours. */
function raw(markup: string): Html {
  return { markup };
}

const pageColumns = ['score', 'measured', 'dataset', 'harness', 'interval', 'tasks', 'passes'] as const;

/** The score stands behind the name, so that a phone shows both without scrolling. */
function scoreTable(scores: readonly JobScore[]): Html {
  const first: ScoreColumn = areToldApart(scores) ? 'model' : 'job';
  const names: readonly ScoreColumn[] = [
    first,
    ...pageColumns,
    ...(first === 'job' ? (['model'] as const) : []),
  ];
  const rows = scores.map((score, index) => {
    const cells = scoreCells(score);
    return names.map((name) =>
      name === first ? html`<a href="#job${index + 1}">${cells[name]}</a>` : cells[name],
    );
  });
  return table(
    'Scores',
    names.map((name) => scoreColumns[name]),
    rows,
  );
}

function contents(scores: readonly JobScore[], hasShared: boolean): Html {
  return html`<nav aria-label="Contents">
    <ul>
      ${hasShared ? html`<li><a href="#pictures">All jobs in pictures</a></li>` : ''}
      ${scores.map(
        ({ name, nTasks }, index) =>
          html`<li>
            <a href="#job${index + 1}">${name}</a>:
            <a href="#job${index + 1}-tasks">${nTasks} tasks and their trials</a>
          </li>`,
      )}
    </ul>
  </nav>`;
}

/** A picture as data in an image: markup inside can neither run nor reach the page. */
function figure({ finding, svg }: Picture): Html {
  return html`<figure>
    <img alt="${finding}" src="${pictureAddress(svg)}" />
    <figcaption aria-hidden="true">${finding}</figcaption>
  </figure>`;
}

/** From here on the pictures of cost, which are the report of one job's matter, would make the file heavy. */
const manyJobs = 5;

function picturesOf(number: number, pictures: readonly Picture[], jobs: number): Picture[] {
  const left = jobs < manyJobs ? '' : `job${number}-cost`;
  return pictures.filter(
    ({ name }) => name.startsWith(`job${number}-`) && (left === '' || !name.startsWith(left)),
  );
}

function jobSection({ score, summary }: ReportedJob, number: number, pictures: readonly Picture[]): Html {
  return html`<section>
    <h2 id="job${number}">${score.name}</h2>
    <dl>
      ${scoreLines(score).map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <details id="job${number}-tasks">
      <summary>${score.nTasks} tasks</summary>
      ${taskTable(score, summary.trials)}
    </details>
    ${pictures.map(figure)}
  </section>`;
}
