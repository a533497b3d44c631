import { ownOf } from '../../base/json-value.js';
import { divide, fractionOf, subtract, toNumber } from '../../base/number/fraction.js';
import type { PublishedCell } from '../../results/published.js';
import { normalise } from './audit-published.js';
import { normalQuantile } from '../statistics/interval.js';
import type { JobScore } from '../job/job-score.js';
import { greatest } from '../../base/number/extremes.js';

/** A published number beside a measured one; fractions of 1. */
export interface LeaderboardRow {
  readonly published: PublishedCell;
  /** Null where nothing of that model and dataset was measured. */
  readonly measured: JobScore | null;
  readonly difference: number | null;
  /** Standard error of the difference from both sides' spread and runs; null when neither is known. */
  readonly standardError: number | null;
  /** True when the difference is within 1.96 standard errors; null when that cannot be said. */
  readonly withinNoise: boolean | null;
  /** What differed in set-up, or is not known to be the same. */
  readonly setup: readonly string[];
}

const aliases: Readonly<Record<string, string>> = {
  'tb-lite': 'tb-lite',
  'openthoughts-tblite': 'tb-lite',
  'tb-2.1': 'tb-2.1',
  'terminal-bench-2-1': 'tb-2.1',
  'terminal-bench-2-0': 'tb-2.0',
  'tb-2.0': 'tb-2.0',
  'terminal-bench@2.0': 'tb-2.0',
  'terminal-bench@2.1': 'tb-2.1',
  'terminal-bench-2': 'tb-2.0',
};

/** The name that published tables use for a job's dataset; null for any other. */
export function publishedDataset(dataset: JobScore['job']['dataset']): string | null {
  const name = dataset.name.split('/').at(-1) ?? dataset.name;
  return ownOf(aliases, `${name}@${dataset.version ?? ''}`) ?? ownOf(aliases, name) ?? null;
}

/**
 * Published rows beside measured scores. Without scores: the published rows alone. A score stands beside the
 * rows of its dataset whose model has its name; `as` names the row's model where the names differ.
 */
export function matchPublished(
  cells: readonly PublishedCell[],
  scores: readonly JobScore[],
  as?: string,
): LeaderboardRow[] {
  const ordered = [...cells].sort(
    (a, b) => (a.dataset < b.dataset ? -1 : Number(a.dataset > b.dataset)) || b.mean - a.mean,
  );
  const unique = mergeRepeats(ordered);
  if (scores.length === 0) return unique.map((cell) => besides(cell, null));
  return scores.flatMap((score) => unique.filter(isOf(score, as)).map((cell) => besides(cell, score)));
}

/** The scores beside which nothing published stands. */
export function unpublished(
  cells: readonly PublishedCell[],
  scores: readonly JobScore[],
  as?: string,
): JobScore[] {
  return scores.filter((score) => !cells.some(isOf(score, as)));
}

function isOf(score: JobScore, as: string | undefined): (cell: PublishedCell) => boolean {
  const dataset = publishedDataset(score.job.dataset);
  const wanted = normalise(as ?? score.model);
  return (cell) => cell.dataset === dataset && normalise(cell.model) === wanted;
}

/** The same model, dataset and numbers in several tables is one row that names them all. */
function mergeRepeats(cells: readonly PublishedCell[]): PublishedCell[] {
  const merged = new Map<string, PublishedCell>();
  for (const cell of cells) {
    const key = JSON.stringify([normalise(cell.model), cell.dataset, cell.harness, cell.mean, cell.spread]);
    const known = merged.get(key);
    const where = cell.table === 'card' ? cell.source : `${cell.source} table ${cell.table}`;
    if (known === undefined) merged.set(key, { ...cell, source: where });
    else if (!known.source.split('; ').includes(where))
      merged.set(key, { ...known, source: `${known.source}; ${where}` });
  }
  return [...merged.values()];
}

function besides(published: PublishedCell, measured: JobScore | null): LeaderboardRow {
  if (measured === null) {
    return { published, measured, difference: null, standardError: null, withinNoise: null, setup: [] };
  }
  const setup = setupDifferences(published, measured);
  if (measured.coverage.measured === 0)
    return { published, measured, difference: null, standardError: null, withinNoise: null, setup };
  const difference = toNumber(subtract(measured.mean, divide(fractionOf(published.mean), 100)));
  const standardError = differenceError(published, measured);
  // Published means are rounded to a tenth of a percent: half of that is no difference at all.
  const rounding = 0.0005;
  const reach = standardError === null ? null : normalQuantile(0.975) * standardError + rounding;
  return {
    published,
    measured,
    difference,
    standardError,
    withinNoise: reach === null ? null : Math.abs(difference) <= reach,
    setup,
  };
}

/**
 * sqrt(a^2 + b^2) for new runs over the same tasks. Published side: the larger of spread / sqrt(R - 1) (the spread
 * being a population std over R runs) and the measured single-run std / sqrt(R), because a spread over three runs is
 * itself mostly chance. Measured side: the fixed-task standard error, or that of the runs.
 */
function differenceError(published: PublishedCell, { uncertainty }: JobScore): number | null {
  const single = uncertainty.singleRunStd;
  const parts = [
    published.spread === null || published.runs < 2
      ? null
      : published.spread / 100 / Math.sqrt(published.runs - 1),
    single === null ? null : single / Math.sqrt(published.runs),
  ].filter((value) => value !== null);
  if (parts.length === 0) return null;
  const theirs = greatest(parts);
  const ours =
    uncertainty.fixedTaskStandardError ?? uncertainty.standardError ?? theirs * Math.sqrt(published.runs);
  return Math.hypot(theirs, ours);
}

function setupDifferences(published: PublishedCell, measured: JobScore): string[] {
  const { job, runs, labels, counts, coverage } = measured;
  const { setup } = published;
  const lines = [...labels];
  if (coverage.measured < coverage.planned)
    lines.push(`only ${coverage.measured} of ${coverage.planned} planned trials measured here`);
  if (runs.length !== published.runs) lines.push(`${runs.length} runs here, ${published.runs} there`);
  if (job.backend !== null && job.backend !== setup.backend)
    lines.push(`sandboxes on ${job.backend} here, ${setup.backend} there`);
  if (setup.restarts !== undefined) lines.push(`there ${setup.restarts}`);
  lines.push(`harness ${job.harness?.name ?? job.agent} here, ${setup.harness} there`);
  if (job.harness?.digest !== null && job.harness?.digest !== undefined)
    lines.push(`harness text ${job.harness.digest.slice(0, 19)}, not stated there`);
  if (published.harness !== null) lines.push(`their row is for the ${published.harness} harness`);
  lines.push(
    job.budgetMode === null ? 'token budget not recorded here' : `token budget here: ${job.budgetMode}`,
  );
  lines.push(`model server there: ${setup.server}; its flags are not published`);
  lines.push('dataset digest not published');
  const broken = counts.statuses['bootstrap_failed'] ?? 0;
  if (broken > 0) lines.push(`${broken} verdicts here are missing because the tests could not be installed`);
  return lines;
}
