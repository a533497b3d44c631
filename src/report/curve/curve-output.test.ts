import { expect, it } from 'vitest';
import { syntheticJob } from '../../../test/doubles/synthetic-job.js';
import { compareCurves, scoreCurve, type CurveStep } from '../../score/checkpoints/curve.js';
import { sideOfJob } from '../../score/comparison/comparison-side.js';
import { curveChart } from '../charts/curve-chart.js';
import { renderChart } from '../charts/render-chart.js';
import { curvesToJson } from './curve-json.js';
import { renderCurve, renderCurveDifferences } from './curve-text.js';

/** Twelve tasks with three attempts; the first `solved` always pass, one is mixed. */
function step(at: number, solved: number): CurveStep {
  const tasks = Array.from({ length: 12 }, (_, task) =>
    task < solved ? [1, 1, 1] : task === solved ? [0, 1, 0] : [0, 0, 0],
  );
  return { label: String(at), at, side: sideOfJob(syntheticJob(tasks, `job-${at}`)) };
}

const steps = [step(60, 8), step(20, 2), step(40, 7)];
const curve = scoreCurve(steps);
if (curve === null) throw new Error('no curve');

it('orders steps, names the best with its luck taken off, and what cannot be told from it', () => {
  const text = renderCurve({ name: 'run', curve }, 100);
  expect(text).toMatch(/^run: 3 steps, 12 tasks/);
  expect(text.indexOf(' 20 ')).toBeLessThan(text.indexOf(' 40 '));
  expect(curve.best.label).toBe('60');
  expect(curve.best.corrected).toBeLessThanOrEqual(curve.best.seen);
  expect(text).toMatch(/best seen +step 60 with 69.4 %/);
  expect(text).toContain('improved until');
  expect(text).toMatch(/ 20 +[\d.]+ +36\/36 /);
});

it('gives machines the same', () => {
  const json = curvesToJson([{ name: 'run', curve }], null);
  expect(json).toMatchObject({
    second_less_first: null,
    curves: [{ best: { step: '60' }, steps: [{ at: 20, change: null }, { at: 40 }, { at: 60 }] }],
  });
});

it('lays two runs over each other where they have the same step', () => {
  const differences = compareCurves(steps, [step(40, 2), step(80, 3)]);
  expect(differences.map(({ at, mean }) => [at, Math.round(mean * 12)])).toEqual([[40, -5]]);
  expect(renderCurveDifferences(differences, 80)).toContain('-41.7');
});

it('draws the band, the line and the best', async () => {
  const svg = await renderChart(curveChart([{ name: '<run>', curve }]));
  expect(svg).toMatch(/^<svg/);
  expect(svg).not.toContain('<run>');
});
