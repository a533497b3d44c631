import type { PublishedCell } from '../../results/published.js';
import type { LeaderboardRow } from '../../score/published/leaderboard.js';
import { renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { decimal, points } from '../../base/number/decimal.js';
import { meanAndStd } from '../text/format.js';
import { renderGrid, type Column } from '../text/grid.js';
import { printable, wrapIndented } from '../text/text.js';

/** Published rows beside measured ones for a terminal, then what differed in set-up. */
export function renderLeaderboard(rows: readonly LeaderboardRow[], width: number): string {
  const isMeasured = rows.some((row) => row.measured !== null);
  const table = renderGrid(
    columnsFor(isMeasured),
    rows.map((row) => cellsOf(row, isMeasured)),
    width,
  );
  const notes = rows
    .filter((row) => row.setup.length > 0)
    .map((row) => {
      const lines = row.setup.map((line) => `  - ${wrapIndented(printable(line), width, 4)}`);
      return [printable(`${row.published.model} on ${row.published.dataset}, set-up:`), ...lines].join('\n');
    });
  return `${[table, ...new Set(notes)].join('\n\n')}\n`;
}

/** The same as Markdown. */
export function renderLeaderboardMarkdown(rows: readonly LeaderboardRow[]): string {
  const isMeasured = rows.some((row) => row.measured !== null);
  const remarks = { title: 'set-up' };
  const body = rows.map((row) => [
    ...cellsOf(row, isMeasured),
    ...(isMeasured ? [row.setup.join('; ')] : []),
  ]);
  return `${renderMarkdownTable([...columnsFor(isMeasured), ...(isMeasured ? [remarks] : [])], body)}\n`;
}

/** The same as CSV, numbers as fractions of 1. */
export function renderLeaderboardCsv(rows: readonly LeaderboardRow[]): string {
  const header = [
    'model',
    'dataset',
    'harness',
    'published_mean',
    'published_spread',
    'published_runs',
    'source',
    'job',
    'measured_mean',
    'measured_std',
    'measured_runs',
    'difference',
    'standard_error',
    'within_noise',
    'set_up',
  ];
  return renderCsv(
    header,
    rows.map(({ published, measured, ...row }) => [
      published.model,
      published.dataset,
      published.harness,
      fraction(published.mean),
      published.spread === null ? null : fraction(published.spread),
      published.runs,
      published.source,
      measured?.name ?? null,
      measured?.mean ?? null,
      measured?.std ?? null,
      measured?.runs.length ?? null,
      row.difference,
      row.standardError,
      row.withinNoise === null ? null : String(row.withinNoise),
      row.setup.join('; '),
    ]),
  );
}

/** The same for machines. */
export function leaderboardToJson(rows: readonly LeaderboardRow[]): Record<string, unknown> {
  return {
    schema_version: 1,
    units: {
      mean: 'fraction of 1',
      spread: 'fraction of 1',
      difference: 'fraction of 1, measured minus published',
    },
    rows: rows.map(({ published, measured, difference, standardError, withinNoise, setup }) => ({
      model: published.model,
      dataset: published.dataset,
      harness: published.harness,
      published: {
        mean: fraction(published.mean),
        spread: published.spread === null ? null : fraction(published.spread),
        n_runs: published.runs,
        source: published.source,
      },
      measured:
        measured === null
          ? null
          : {
              job: measured.name,
              mean: measured.mean,
              std: measured.std,
              n_runs: measured.runs.length,
              labels: measured.labels,
            },
      difference,
      standard_error: standardError,
      within_noise: withinNoise,
      set_up: setup,
    })),
  };
}

/** `47.2 ± 2.2` as printed. */
export function publishedText({ mean, spread }: PublishedCell): string {
  return spread === null ? decimal(mean, 1) : `${decimal(mean, 1)} ± ${decimal(spread, 1)}`;
}

/** Percent as printed to a fraction without binary dust. */
function fraction(percent: number): number {
  return Math.round(percent * 10) / 1000;
}

function columnsFor(isMeasured: boolean): Column[] {
  const left: Column[] = [
    { title: 'model', shrink: true },
    { title: 'dataset' },
    { title: 'published %', align: 'right' },
    { title: 'runs', align: 'right' },
  ];
  if (!isMeasured) return [...left, { title: 'source', shrink: true }];
  return [
    ...left,
    { title: 'measured %', align: 'right' },
    { title: 'runs', align: 'right' },
    { title: 'diff', align: 'right' },
    { title: 'noise?' },
  ];
}

function cellsOf(
  { published, measured, difference, withinNoise }: LeaderboardRow,
  isMeasured: boolean,
): string[] {
  const model = published.harness === null ? published.model : `${published.model} (${published.harness})`;
  const left = [model, published.dataset, publishedText(published), String(published.runs)];
  if (!isMeasured) return [...left, published.source];
  return [
    ...left,
    measured === null ? '–' : `${meanAndStd(measured)}${measured.labels.length > 0 ? ' *' : ''}`,
    measured === null ? '–' : String(measured.runs.length),
    difference === null ? '–' : points(difference),
    withinNoise === null ? 'unknown' : withinNoise ? 'within' : 'beyond',
  ];
}
