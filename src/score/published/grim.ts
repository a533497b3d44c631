/** What a printed `mean ± spread` may have meant by its spread. */
export const spreadDefinitions = [
  'population std',
  'sample std',
  'sem of population std',
  'sem of sample std',
] as const;
export type SpreadDefinition = (typeof spreadDefinitions)[number];

/** `direct`: one rounding to a tenth of a percent. `double`: first to four decimals, as the upstream script prints. */
export type Rounding = 'direct' | 'double';

export interface PrintedCell {
  /** Percent with one decimal, as printed. */
  readonly mean: number;
  readonly spread: number;
  readonly tasks: number;
  readonly runs: number;
}

export interface CellAudit {
  /** Totals of passes over all runs that round to the printed mean; empty means no 0/1 rewards give it. */
  readonly totals: readonly number[];
  /** Run totals that give mean and spread, by definition. */
  readonly fits: Readonly<Record<SpreadDefinition, readonly (readonly number[])[]>>;
}

/**
 * Enumerates the integer run totals behind a printed `mean ± spread` over `runs` runs of `tasks` tasks with 0/1
 * rewards (GRIM: Brown and Heathers 2017; GRIMMER: Anaya 2016).
 */
export function auditCell(cell: PrintedCell, rounding: Rounding): CellAudit {
  const totals = attainableTotals(cell, rounding);
  const fits: Record<SpreadDefinition, number[][]> = {
    'population std': [],
    'sample std': [],
    'sem of population std': [],
    'sem of sample std': [],
  };
  for (const total of totals) {
    for (const runs of partitions(total, cell.runs, cell.tasks)) {
      for (const definition of spreadDefinitions) {
        if (roundPercent(spreadOf(runs, cell.tasks, definition), rounding) === tenths(cell.spread)) {
          fits[definition].push(runs);
        }
      }
    }
  }
  return { totals, fits };
}

/** Totals over all runs whose mean rounds to the printed one. */
export function attainableTotals(cell: Omit<PrintedCell, 'spread'>, rounding: Rounding): number[] {
  const trials = cell.tasks * cell.runs;
  return Array.from({ length: trials + 1 }, (_, total) => total).filter(
    (total) => roundPercent(total / trials, rounding) === tenths(cell.mean),
  );
}

/** The spread of run totals under one definition, a fraction of 1. */
export function spreadOf(runs: readonly number[], tasks: number, definition: SpreadDefinition): number {
  const count = runs.length;
  const total = runs.reduce((sum, value) => sum + value, 0);
  const squares = runs.reduce((sum, value) => sum + value * value, 0);
  // Whole numbers under the root, so that equal runs give exactly 0.
  const population = Math.sqrt(count * squares - total * total) / (count * tasks);
  switch (definition) {
    case 'population std':
      return population;
    case 'sample std':
      return population * Math.sqrt(count / (count - 1));
    case 'sem of population std':
      return population / Math.sqrt(count);
    case 'sem of sample std':
      return population / Math.sqrt(count - 1);
  }
}

/** A fraction as tenths of a percent, half up; a hair of tolerance keeps exact halves from falling down. */
function roundPercent(fraction: number, rounding: Rounding): number {
  const halfUp = (value: number): number => Math.floor(value + 0.5 + 1e-9);
  return rounding === 'direct' ? halfUp(fraction * 1000) : halfUp(halfUp(fraction * 10_000) / 10);
}

function tenths(percent: number): number {
  return Math.round(percent * 10);
}

/** Ascending lists of `parts` whole numbers from 0 to `most` that add up to `total`. */
function partitions(total: number, parts: number, most: number, least = 0): number[][] {
  if (parts === 1) return total >= least && total <= most ? [[total]] : [];
  const lists: number[][] = [];
  for (let first = least; first * parts <= total && first <= most; first += 1) {
    for (const rest of partitions(total - first, parts - 1, most, first)) lists.push([first, ...rest]);
  }
  return lists;
}
