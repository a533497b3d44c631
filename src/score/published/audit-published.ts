import { ownOf } from '../../base/json-value.js';
import type { PublishedCell } from '../../results/published.js';
import {
  attainableTotals,
  auditCell,
  spreadDefinitions,
  type CellAudit,
  type Rounding,
  type SpreadDefinition,
} from './grim.js';

/** Tasks of the datasets whose tables are audited. */
const taskCounts: Readonly<Record<string, number>> = { 'tb-2.1': 89, 'tb-lite': 100, 'tb-2.0': 89 };

/** Published cells of one dataset against the lattice of 0/1 rewards. */
export interface ColumnAudit {
  readonly dataset: string;
  readonly tasks: number;
  readonly cells: readonly AuditedCell[];
  /** Cells whose mean no 0/1 rewards give, by rounding. */
  readonly impossibleMeans: Readonly<Record<Rounding, number>>;
  /** Cells that a definition explains, by rounding. */
  readonly explained: Readonly<Record<Rounding, Readonly<Record<SpreadDefinition, number>>>>;
  /** Share of means with one decimal that no 0/1 rewards give: what numbers without a lattice would show. */
  readonly impossibleByChance: number;
}

export interface AuditedCell {
  readonly cell: PublishedCell;
  readonly direct: CellAudit;
  readonly double: CellAudit;
}

/** Audits every distinct (model, mean, spread) of a dataset; the same number in two tables counts once. */
export function auditColumn(cells: readonly PublishedCell[], dataset: string): ColumnAudit {
  const tasks = ownOf(taskCounts, dataset) ?? 89;
  const audited = distinct(cells.filter((cell) => cell.dataset === dataset)).map((cell): AuditedCell => {
    const printed = { mean: cell.mean, spread: cell.spread ?? 0, tasks, runs: cell.runs };
    return { cell, direct: auditCell(printed, 'direct'), double: auditCell(printed, 'double') };
  });
  const count = (rounding: Rounding, holds: (audit: CellAudit) => boolean): number =>
    audited.filter((entry) => holds(entry[rounding])).length;
  const explained = (rounding: Rounding): Record<SpreadDefinition, number> => ({
    'population std': 0,
    'sample std': 0,
    'sem of population std': 0,
    'sem of sample std': 0,
    ...Object.fromEntries(
      spreadDefinitions.map((definition) => [
        definition,
        count(rounding, (audit) => audit.fits[definition].length > 0),
      ]),
    ),
  });
  return {
    dataset,
    tasks,
    cells: audited,
    impossibleMeans: {
      direct: count('direct', (audit) => audit.totals.length === 0),
      double: count('double', (audit) => audit.totals.length === 0),
    },
    explained: { direct: explained('direct'), double: explained('double') },
    impossibleByChance: shareImpossible(tasks, audited[0]?.cell.runs ?? 1),
  };
}

function shareImpossible(tasks: number, runs: number): number {
  const means = Array.from({ length: 1001 }, (_, index) => index / 10);
  return (
    means.filter((mean) => attainableTotals({ mean, tasks, runs }, 'direct').length === 0).length /
    means.length
  );
}

function distinct(cells: readonly PublishedCell[]): PublishedCell[] {
  const seen = new Map<string, PublishedCell>();
  for (const cell of cells) {
    if (cell.spread === null) continue;
    const key = [normalise(cell.model), cell.harness ?? '', cell.mean, cell.spread].join(' ');
    if (!seen.has(key)) seen.set(key, cell);
  }
  return [...seen.values()];
}

/** A model's name without organisation, case and punctuation: `allenai/qwen35-9b` and `Qwen 3.5 9B` are one. */
export function normalise(model: string): string {
  return (model.split('/').at(-1) ?? model).toLowerCase().replace(/[^a-z0-9]/g, '');
}
