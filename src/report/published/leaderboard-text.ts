import type { PublishedCell } from '../../results/published.js';
import type { LeaderboardRow } from '../../score/published/leaderboard.js';
import { renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { decimal, points } from '../../base/number/decimal.js';
import type { JobScore } from '../../score/job/job-score.js';
import { markedMean } from '../text/format.js';
import { renderGrid, type Column } from '../text/grid.js';
import { printable, wrapIndented } from '../text/text.js';

/** What a leaderboard shows: published rows, with what was measured of each, and what nothing published stands beside. */
export interface Leaderboard {
  readonly rows: readonly LeaderboardRow[];
  readonly unpublished: readonly JobScore[];
}

/** Published rows beside measured ones for a terminal, then what differed in set-up. */
export function renderLeaderboard({ rows, unpublished }: Leaderboard, width: number): string {
  const sides = sidesOf({ rows, unpublished });
  const table = renderGrid(
    columnsFor(sides),
    [
      ...rows.map((row) => cellsOf(row, sides)),
      ...unpublished.map((score) => unpublishedCells(score, sides)),
    ],
    width,
  );
  const notes = rows
    .filter((row) => row.setup.length > 0)
    .map((row) => {
      const lines = row.setup.map((line) => `  - ${wrapIndented(printable(line), width, 4)}`);
      const job = row.measured === null ? '' : ` (${row.measured.name})`;
      return [printable(`${row.published.model} on ${row.published.dataset}${job}, set-up:`), ...lines].join(
        '\n',
      );
    });
  return `${[table, ...new Set(notes)].join('\n\n')}\n`;
}

/** The same as Markdown. */
export function renderLeaderboardMarkdown({ rows, unpublished }: Leaderboard): string {
  const sides = sidesOf({ rows, unpublished });
  const isMeasured = sides !== 'published';
  const remarks = { title: 'set-up' };
  const body = [
    ...rows.map((row) => [...cellsOf(row, sides), ...(isMeasured ? [row.setup.join('; ')] : [])]),
    ...unpublished.map((score) => [...unpublishedCells(score, sides), score.labels.join('; ')]),
  ];
  return `${renderMarkdownTable([...columnsFor(sides), ...(isMeasured ? [remarks] : [])], body)}\n`;
}

/** The same as CSV, numbers as fractions of 1. */
export function renderLeaderboardCsv({ rows, unpublished }: Leaderboard): string {
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
    'measured_trials',
    'planned_trials',
    'difference',
    'standard_error',
    'within_noise',
    'set_up',
  ];
  const measuredCells = (score: JobScore | null): (string | number | null)[] => [
    score?.name ?? null,
    ...(score === null || score.coverage.measured === 0 ? [null, null] : [score.mean, score.std]),
    score?.runs.length ?? null,
    score?.coverage.measured ?? null,
    score?.coverage.planned ?? null,
  ];
  return renderCsv(header, [
    ...rows.map(({ published, measured, ...row }) => [
      published.model,
      published.dataset,
      published.harness,
      fraction(published.mean),
      published.spread === null ? null : fraction(published.spread),
      published.runs,
      published.source,
      ...measuredCells(measured),
      row.difference,
      row.standardError,
      row.withinNoise === null ? null : String(row.withinNoise),
      row.setup.join('; '),
    ]),
    ...unpublished.map((score) => [
      score.model,
      score.dataset,
      score.harness,
      ...[null, null, null, 'not published'],
      ...measuredCells(score),
      ...[null, null, null],
      score.labels.join('; '),
    ]),
  ]);
}

/** The same for machines. */
export function leaderboardToJson({ rows, unpublished }: Leaderboard): Record<string, unknown> {
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
      measured: measured === null ? null : measuredToJson(measured),
      difference,
      standard_error: standardError,
      within_noise: withinNoise,
      set_up: setup,
    })),
    unpublished: unpublished.map((score) => ({
      model: score.model,
      dataset: score.dataset,
      measured: measuredToJson(score),
    })),
  };
}

function measuredToJson(score: JobScore): Record<string, unknown> {
  const isKnown = score.coverage.measured > 0;
  return {
    job: score.name,
    mean: isKnown ? score.mean : null,
    std: isKnown ? score.std : null,
    n_runs: score.runs.length,
    n_measured: score.coverage.measured,
    n_planned: score.coverage.planned,
    labels: score.labels,
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

/** What a row has beside the published numbers: nothing, those of the one job, or whose they are too. */
type Sides = 'published' | 'one job' | 'several jobs';

function sidesOf({ rows, unpublished }: Leaderboard): Sides {
  const measured = [...rows.map((row) => row.measured), ...unpublished].filter((score) => score !== null);
  const jobs = new Set(measured.map(({ name }) => name)).size;
  return jobs === 0 ? 'published' : jobs === 1 ? 'one job' : 'several jobs';
}

function columnsFor(sides: Sides): Column[] {
  const left: Column[] = [
    { title: 'model', shrink: true },
    { title: 'dataset' },
    { title: 'published %', align: 'right' },
    { title: 'runs', align: 'right' },
  ];
  if (sides === 'published') return [...left, { title: 'source', shrink: true }];
  return [
    ...left,
    ...(sides === 'several jobs' ? [{ title: 'job', shrink: true }] : []),
    { title: 'measured %', align: 'right' },
    { title: 'runs', align: 'right' },
    { title: 'diff', align: 'right' },
    { title: 'noise?' },
  ];
}

function cellsOf({ published, measured, difference, withinNoise }: LeaderboardRow, sides: Sides): string[] {
  const model = published.harness === null ? published.model : `${published.model} (${published.harness})`;
  const left = [model, published.dataset, publishedText(published), String(published.runs)];
  if (sides === 'published') return [...left, published.source];
  return [
    ...left,
    ...(sides === 'several jobs' ? [measured?.name ?? '–'] : []),
    measured === null ? '–' : measuredText(measured),
    measured === null ? '–' : String(measured.runs.length),
    difference === null ? '–' : points(difference),
    withinNoise === null ? 'unknown' : withinNoise ? 'within' : 'beyond',
  ];
}

/** The row of a job whose model and dataset no table has. */
function unpublishedCells(score: JobScore, sides: Sides): string[] {
  return [
    score.model,
    score.dataset,
    '–',
    '–',
    ...(sides === 'several jobs' ? [score.name] : []),
    measuredText(score),
    String(score.runs.length),
    '–',
    'unknown',
  ];
}

function measuredText(score: JobScore): string {
  return `${markedMean(score)}${score.labels.length > 0 ? ' *' : ''}`;
}
