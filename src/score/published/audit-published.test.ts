import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPublished } from '../../results/published.js';
import { auditColumn, normalise } from './audit-published.js';
import { attainableTotals, auditCell, spreadOf } from './grim.js';

const cells = await loadPublished(fileURLToPath(new URL('../../../results/published', import.meta.url)));

describe('the published TB 2.1 column', () => {
  const audit = auditColumn(cells, 'tb-2.1');

  it('is the population std in 18 of 21 cells rounded once, in 20 rounded twice', () => {
    expect(audit.cells).toHaveLength(21);
    expect(audit.impossibleMeans).toEqual({ direct: 2, double: 1 });
    expect(audit.explained.direct).toEqual({
      'population std': 18,
      'sample std': 3,
      'sem of population std': 11,
      'sem of sample std': 13,
    });
    expect(audit.explained.double).toEqual({
      'population std': 20,
      'sample std': 3,
      'sem of population std': 12,
      'sem of sample std': 13,
    });
  });

  it('leaves SWE-smith 21.0 ± 0.5 one explanation and Tmax-2B 4.2 ± 1.2 none', () => {
    const find = (model: string): (typeof audit.cells)[number] | undefined =>
      audit.cells.find(({ cell }) => normalise(cell.model) === model);
    const smith = find('qwen359bswesmith');
    expect(smith?.double.fits).toEqual({
      'population std': [[18, 19, 19]],
      'sample std': [],
      'sem of population std': [],
      'sem of sample std': [],
    });
    expect(find('tmax2b')?.double.totals).toEqual([]);
  });
});

it('finds TB Lite as full of impossible means as numbers without a lattice', () => {
  const main = cells.filter((cell) => cell.table === '2' || cell.table === '3');
  const audit = auditColumn(main, 'tb-lite');
  expect([audit.impossibleMeans.direct, audit.cells.length]).toEqual([11, 14]);
  expect(audit.impossibleByChance).toBeCloseTo(0.7, 2);
});

it('always finds the run totals that a cell was printed from', () => {
  const totals = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(totals, (runs) => {
      const sorted = [...runs].sort((a, b) => a - b);
      const tenth = (fraction: number): number => Math.floor(fraction * 1000 + 0.5 + 1e-9) / 10;
      const mean = tenth(runs.reduce((sum, run) => sum + run, 0) / 120);
      const spread = tenth(spreadOf(runs, 40, 'population std'));
      const audit = auditCell({ mean, spread, tasks: 40, runs: 3 }, 'direct');
      expect(audit.fits['population std']).toContainEqual(sorted);
    }),
    { numRuns: 40 },
  );
});

it('knows that 10 of 445 prints as 2.3 only when rounded twice', () => {
  const cell = { mean: 2.3, tasks: 89, runs: 5 };
  expect(attainableTotals(cell, 'direct')).toEqual([]);
  expect(attainableTotals(cell, 'double')).toEqual([10]);
});
