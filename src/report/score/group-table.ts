import { ownOf } from '../../base/json-value.js';
import { percent } from '../../base/number/decimal.js';
import type { GroupScore, JobScore } from '../../score/job/job-score.js';
import { renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { renderGrid } from '../text/grid.js';

/** A row a group of tasks, for the given metadata keys; null where no task has any of them. */
export function renderGroupTable(score: JobScore, keys: readonly string[], width: number): string | null {
  const rows = groupRows(score, keys);
  return rows.length === 0 ? null : `${renderGrid(columns, rows.map(cellsOf), width)}\n`;
}

/** The same as Markdown. */
export function renderGroupMarkdown(score: JobScore, keys: readonly string[]): string | null {
  const rows = groupRows(score, keys);
  return rows.length === 0 ? null : renderMarkdownTable(columns, rows.map(cellsOf));
}

/** One CSV row a job, key and group; fractions of 1, nothing where nothing was measured. */
export function renderGroupCsv(scores: readonly JobScore[], keys: readonly string[]): string {
  const header = [
    'job',
    'key',
    'value',
    'mean',
    'n_tasks',
    'n_trials',
    'measured',
    'pass_rate',
    'standard_error',
  ];
  const rows = scores.flatMap((score) =>
    groupRows(score, keys).map(({ key, group }) => [
      ...[score.name, key, group.value],
      group.measured === 0 ? null : group.mean,
      ...[group.nTasks, group.nTrials, group.measured],
      ...(group.measured === 0 ? [null, null] : [group.passRate, group.clusteredStandardError]),
    ]),
  );
  return renderCsv(header, rows);
}

interface Row {
  readonly key: string;
  readonly group: GroupScore;
}

function groupRows({ groups }: JobScore, keys: readonly string[]): Row[] {
  return [...new Set(keys)].flatMap((key) => (ownOf(groups, key) ?? []).map((group) => ({ key, group })));
}

const columns = [
  { title: 'group', shrink: true },
  { title: 'value', shrink: true },
  { title: 'mean %', align: 'right' },
  { title: 'measured', align: 'right' },
  { title: 'tasks', align: 'right' },
] as const;

function cellsOf({ key, group }: Row): string[] {
  return [
    key,
    group.value,
    group.measured === 0 ? '–' : percent(group.mean),
    `${group.measured}/${group.nTrials}`,
    String(group.nTasks),
  ];
}
