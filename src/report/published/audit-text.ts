import type { AuditedCell, ColumnAudit } from '../../score/published/audit-published.js';
import { spreadDefinitions, type CellAudit } from '../../score/published/grim.js';
import { percent } from '../../base/number/decimal.js';
import { renderGrid } from '../text/grid.js';
import { publishedText } from './leaderboard-text.js';
import { wrap } from '../text/text.js';

/** What each published `mean ± spread` can be, for a terminal. */
export function renderAudit(audits: readonly ColumnAudit[], width: number): string {
  return `${audits.map((audit) => renderColumn(audit, width)).join('\n\n')}\n`;
}

function renderColumn(audit: ColumnAudit, width: number): string {
  const columns = [
    { title: 'model', shrink: true },
    { title: 'published %', align: 'right' },
    { title: 'total of runs', align: 'right' },
    { title: 'pop', align: 'right' },
    { title: 'sample', align: 'right' },
    { title: 'sem', align: 'right' },
    { title: 'sem(s)', align: 'right' },
    { title: 'runs if pop', shrink: true },
  ] as const;
  const rows = audit.cells.map(rowOf);
  const title = `${audit.dataset}: ${audit.tasks} tasks, ${audit.cells[0]?.cell.runs ?? 0} runs, ${audit.cells.length} cells`;
  const findings = findingsOf(audit).flatMap((line) => wrap(line, width));
  return [title, '', renderGrid(columns, rows, width), '', ...findings].join('\n');
}

/** Counts of explanations under double rounding; a `*` marks a cell that direct rounding alone cannot explain. */
function rowOf({ cell, direct, double }: AuditedCell): string[] {
  const model = cell.harness === null ? cell.model : `${cell.model} (${cell.harness})`;
  const counts = spreadDefinitions.map((definition) => {
    const more = direct.fits[definition].length === 0 && double.fits[definition].length > 0 ? '*' : '';
    return `${double.fits[definition].length}${more}`;
  });
  return [model, publishedText(cell), totals(direct, double), ...counts, runsText(double)];
}

function totals(direct: CellAudit, double: CellAudit): string {
  if (double.totals.length === 0) return 'impossible';
  return `${double.totals.join(', ')}${direct.totals.length === 0 ? '*' : ''}`;
}

function runsText(audit: CellAudit): string {
  return audit.fits['population std'].map((runs) => runs.join('/')).join(' or ');
}

/** What the table says, in sentences. */
export function findingsOf(audit: ColumnAudit): string[] {
  const { explained, impossibleMeans, cells } = audit;
  const count = cells.length;
  if (impossibleMeans.double * 2 > count) {
    return [
      `${impossibleMeans.direct} of ${count} means cannot come from 0/1 rewards over ${audit.tasks} tasks: chance alone gives ${percent(audit.impossibleByChance)} %. So the rewards are not binary (some tasks give partial credit), and what the ± means cannot be tested here.`,
    ];
  }
  const each = (rounding: 'direct' | 'double'): string =>
    spreadDefinitions.map((definition) => `${definition} ${explained[rounding][definition]}`).join(', ');
  const unexplained = cells.filter(({ double }) => double.fits['population std'].length === 0);
  const only = cells.filter(
    ({ double }) =>
      double.fits['population std'].length > 0 &&
      spreadDefinitions.every(
        (definition) => definition === 'population std' || double.fits[definition].length === 0,
      ),
  );
  return [
    `Cells explained of ${count}, rounded once: ${each('direct')}; ${impossibleMeans.direct} means impossible.`,
    `Rounded twice (four decimals, then one of a percent, as the upstream script prints): ${each('double')}; ${impossibleMeans.double} impossible. Marked * where only this explains a cell.`,
    ...(only.length > 0
      ? [
          `Only a population std fits: ${only.map(({ cell }) => `${cell.model} ${publishedText(cell)}`).join('; ')}.`,
        ]
      : []),
    ...(unexplained.length > 0
      ? [
          `Nothing fits: ${unexplained.map(({ cell }) => `${cell.model} ${publishedText(cell)}`).join('; ')}: another number of runs or tasks, or a slip of the pen.`,
        ]
      : []),
    `So the ± is most likely the population std over runs; the standard error of the mean is that over √${(cells[0]?.cell.runs ?? 2) - 1}.`,
  ];
}

/** The audit for machines. */
export function auditToJson(audits: readonly ColumnAudit[]): Record<string, unknown> {
  return {
    schema_version: 1,
    columns: audits.map((audit) => ({
      dataset: audit.dataset,
      n_tasks: audit.tasks,
      n_cells: audit.cells.length,
      impossible_means: audit.impossibleMeans,
      impossible_by_chance: audit.impossibleByChance,
      explained: audit.explained,
      findings: findingsOf(audit),
      cells: audit.cells.map(({ cell, direct, double }) => ({
        model: cell.model,
        harness: cell.harness,
        mean: cell.mean,
        spread: cell.spread,
        n_runs: cell.runs,
        direct,
        double,
      })),
    })),
  };
}
