import type { Picture } from '../charts/job-charts.js';
import { areToldApart, scoreCells, scoreColumns, type ScoreColumn } from '../score/score-cells.js';
import { taskCells, taskColumns } from '../score/task-table.js';
import type { Column } from '../text/grid.js';
import { scoreLines } from '../score/score-details.js';
import type { JobScore, TaskScore } from '../../score/job/job-score.js';
import { html, type Html } from './html.js';
import { style } from './style.js';

/**
 * One self-contained page: no script, nothing loaded from anywhere (its own policy forbids both), every text from
 * records escaped, pictures as data. The same jobs give the same bytes.
 */
export function renderReportPage(scores: readonly JobScore[], pictures: readonly Picture[]): string {
  const title = `tbench report: ${scores.map((score) => score.name).join(', ')}`;
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
        <h1>Terminal-Bench report</h1>
        ${scores.flatMap((score) => score.labels.map((label) => html`<p class="label"><b>${score.name}</b>: ${label}</p>`))}
        ${scoreTable(scores)} ${pictures.filter((picture) => !picture.name.startsWith('job')).map(figure)}
        ${scores.map((score, index) =>
          jobSection(
            score,
            pictures.filter((picture) => picture.name.startsWith(`job${index + 1}-`)),
          ),
        )}
      </body>
    </html> `;
  return page.markup;
}

/** Only for the style sheet, which is ours. */
function raw(markup: string): Html {
  return { markup };
}

const pageColumns = [
  'model',
  'score',
  'measured',
  'dataset',
  'harness',
  'interval',
  'tasks',
  'passes',
] as const;

function scoreTable(scores: readonly JobScore[]): Html {
  const names: readonly ScoreColumn[] = areToldApart(scores) ? pageColumns : ['job', ...pageColumns];
  const rows = scores.map((score) => {
    const cells = scoreCells(score);
    return names.map((name) => cells[name]);
  });
  return table(
    names.map((name) => scoreColumns[name]),
    rows,
  );
}

/** Numbers right, words left; the score larger than the rest. */
function table(columns: readonly Column[], rows: readonly (readonly string[])[]): Html {
  const kind = ({ align, title }: Column): string =>
    align !== 'right' ? '' : title === scoreColumns.score.title ? 'n score' : 'n';
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th class="${column.align === 'right' ? 'n' : ''}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${columns.map((column, index) => html`<td class="${kind(column)}">${cells[index] ?? ''}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A picture as data in an image: markup inside can neither run nor reach the page. */
function figure({ title, svg }: Picture): Html {
  const data = Buffer.from(svg).toString('base64');
  return html`<figure class="scroll"><img alt="${title}" src="data:image/svg+xml;base64,${data}" /></figure>`;
}

function jobSection(score: JobScore, pictures: readonly Picture[]): Html {
  return html`<h2>${score.name}</h2>
    <dl>
      ${scoreLines(score).map(
        ([name, text]) =>
          html`<dt>${name}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <details>
      <summary>${score.nTasks} tasks</summary>
      ${taskTable(score.tasks)}
    </details>
    ${pictures.map(figure)}`;
}

function taskTable(tasks: readonly TaskScore[]): Html {
  return table(
    [...taskColumns, { title: 'endings' }],
    tasks.map((task) => [...taskCells(task), task.endings.map((ending) => ending ?? '–').join(', ')]),
  );
}
