import type { Picture } from '../charts/job-charts.js';
import { percent } from '../../base/number/decimal.js';
import { meanAndStd, quantity } from '../text/format.js';
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

function scoreTable(scores: readonly JobScore[]): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>model</th>
          <th class="n">mean ± std, %</th>
          <th>dataset</th>
          <th>harness</th>
          <th class="n">95 % over tasks</th>
          <th class="n">tasks × runs</th>
          <th class="n">passes</th>
          <th class="n">measured</th>
        </tr>
      </thead>
      <tbody>
        ${scores.map(
          (score) =>
            html`<tr>
              <td>${score.model}</td>
              <td class="n score">${meanAndStd(score)}</td>
              <td>${score.dataset}</td>
              <td>${score.harness}</td>
              <td class="n">
                ${percent(score.uncertainty.bootstrap.low)}–${percent(score.uncertainty.bootstrap.high)}
              </td>
              <td class="n">${score.nTasks} × ${score.runs.length}</td>
              <td class="n">${score.passes}/${score.nTrials}</td>
              <td class="n">${percent(score.coverage.fraction)} %</td>
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
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>task</th>
          <th>rewards</th>
          <th class="n">solved</th>
          <th class="n">mean, %</th>
          <th class="n">turns</th>
          <th class="n">tokens out</th>
          <th>endings</th>
        </tr>
      </thead>
      <tbody>
        ${tasks.map(
          (task) =>
            html`<tr>
              <td>${task.task}</td>
              <td>
                ${task.rewards.map((reward) => (reward === null ? '?' : Number(reward.toFixed(2)))).join(' ')}
              </td>
              <td class="n">${task.passes}/${task.rewards.length}</td>
              <td class="n">${percent(task.mean)}</td>
              <td class="n">${task.turns === null ? '–' : task.turns.toFixed(0)}</td>
              <td class="n">${task.outputTokens === null ? '–' : quantity(task.outputTokens)}</td>
              <td>${task.endings.map((ending) => ending ?? '–').join(', ')}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
