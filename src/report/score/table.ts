import type { JobScore } from '../../score/job/job-score.js';
import { plural } from '../../base/plural.js';
import { markedMean } from '../text/format.js';
import { renderGrid, type Column } from '../text/grid.js';
import { renderScoreDetails } from './score-details.js';
import { areToldApart, scoreCells, scoreColumns, type ScoreColumn } from './score-cells.js';
import { printable, wrapIndented } from '../text/text.js';

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** False leaves one line of remarks a job under the table, of those that need one. */
  readonly details?: boolean;
}

/**
 * The table that `tbench run` ends with and `tbench score` prints: a row a job, then, for several datasets,
 * models against datasets, then what stands behind each number.
 */
export function renderScoreTable(scores: readonly JobScore[], options: TableOptions): string {
  const parts = [renderRows(scores, options.width)];
  const matrix = renderMatrix(scores, options.width);
  if (matrix !== null) parts.push(matrix);
  if (options.details !== false)
    for (const score of scores) parts.push(renderScoreDetails(score, options.width));
  else parts.push(remarkLines(scores, options.width));
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const wide = 110;

function renderRows(scores: readonly JobScore[], width: number): string {
  const names: readonly ScoreColumn[] = [
    ...(areToldApart(scores) ? [] : (['job'] as const)),
    'model',
    'dataset',
    ...(width >= wide ? (['harness'] as const) : []),
    'score',
    'measured',
    'tasks',
    'passes',
    ...(width >= wide ? (['interval', 'exceptions'] as const) : []),
  ];
  const rows = scores.map((score) => {
    const cells = scoreCells(score);
    const star = score.labels.length > 0 ? ' *' : '';
    return names.map((name) => (name === 'model' ? cells.model + star : cells[name]));
  });
  return renderGrid(
    names.map((name) => scoreColumns[name]),
    rows,
    width,
  );
}

/** Models against datasets, as published tables are; null for a single dataset. */
function renderMatrix(scores: readonly JobScore[], width: number): string | null {
  const datasets = [...new Set(scores.map((score) => score.dataset))];
  if (datasets.length < 2) return null;
  const rows = new Map<string, JobScore[]>();
  const harnesses = new Set(scores.map((score) => score.harness));
  for (const score of scores) {
    const key = harnesses.size > 1 ? `${score.model}, ${score.harness}` : score.model;
    rows.set(key, [...(rows.get(key) ?? []), score]);
  }
  const columns: Column[] = [
    { title: 'model', shrink: true },
    ...datasets.map((title): Column => ({ title, align: 'right' })),
  ];
  const body = [...rows].map(([model, members]) => [
    model,
    ...datasets.map((dataset) => {
      const cells = members.filter((score) => score.dataset === dataset).map(markedMean);
      return cells.length === 0 ? '–' : cells.join('; ');
    }),
  ]);
  return renderGrid(columns, body, width);
}

/** What must or should be known of a row, a line a job that has any. */
function remarkLines(scores: readonly JobScore[], width: number): string {
  return scores
    .flatMap((score) => {
      const remarks = [...score.labels, ...shortNotes(score)];
      return remarks.length === 0
        ? []
        : [`${score.labels.length > 0 ? '* ' : ''}${score.name}: ${remarks.join('; ')}`];
    })
    .map((line) => wrapIndented(printable(line), width, 2))
    .join('\n');
}

function shortNotes({ coverage, job }: JobScore): string[] {
  return [
    ...(coverage.notMeasured > 0 ? [`${plural(coverage.notMeasured, 'trial')} without a verdict`] : []),
    ...(coverage.missing > 0 ? [`${plural(coverage.missing, 'planned trial')} without a result`] : []),
    ...(job.problems.length > 0 ? [plural(job.problems.length, 'problem')] : []),
  ];
}
