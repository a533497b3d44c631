import type { JobScore } from '../../score/job/job-score.js';
import { percent } from '../../base/number/decimal.js';
import { meanAndStd } from '../text/format.js';
import { renderGrid, type Column } from '../text/grid.js';
import { renderScoreDetails } from './score-details.js';
import { wrapIndented } from '../text/text.js';

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** False leaves out the lines about each job under the table. */
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
    parts.push(...scores.map((score) => renderScoreDetails(score, options.width)));
  else parts.push(...labelLines(scores, options.width));
  return `${parts.join('\n\n')}\n`;
}

const wide = 110;

function renderRows(scores: readonly JobScore[], width: number): string {
  const columns: Column[] = [
    { title: 'model', shrink: true },
    { title: 'dataset', shrink: true },
    { title: 'mean ± std %', align: 'right' },
    { title: 'tasks × runs', align: 'right' },
    { title: 'passes', align: 'right' },
    { title: 'errors', align: 'right' },
  ];
  if (width >= wide) {
    columns.splice(2, 0, { title: 'harness', shrink: true });
    columns.push({ title: 'measured', align: 'right' }, { title: '95 % over tasks', align: 'right' });
  }
  return renderGrid(
    columns,
    scores.map((score) => rowOf(score, width >= wide)),
    width,
  );
}

function rowOf(score: JobScore, isWide: boolean): string[] {
  const errors = Object.values(score.counts.errors).reduce((sum, count) => sum + count, 0);
  const { bootstrap } = score.uncertainty;
  const row = [
    score.labels.length > 0 ? `${score.model} *` : score.model,
    score.dataset,
    meanAndStd(score),
    `${score.nTasks} × ${score.runs.length}`,
    `${score.passes}/${score.nTrials}`,
    String(errors),
  ];
  if (!isWide) return row;
  row.splice(2, 0, score.harness);
  return [
    ...row,
    `${percent(score.coverage.fraction)} %`,
    `${percent(bootstrap.low)}–${percent(bootstrap.high)}`,
  ];
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
      const cells = members.filter((score) => score.dataset === dataset).map(meanAndStd);
      return cells.length === 0 ? '–' : cells.join('; ');
    }),
  ]);
  return renderGrid(columns, body, width);
}

function labelLines(scores: readonly JobScore[], width: number): string[] {
  const labelled = scores.filter((score) => score.labels.length > 0);
  return labelled.map((score) => wrapIndented(`* ${score.name}: ${score.labels.join('; ')}`, width, 2));
}
