import { percent } from '../../base/number/decimal.js';
import type { NamedCurve } from '../curve/curve-text.js';
import { palette, type ChartSpec } from './render-chart.js';

/** Score against training step with the band that holds all steps at once; the runs over each other. */
export function curveChart(curves: readonly NamedCurve[]): ChartSpec {
  const values = curves.flatMap(({ name, curve }) =>
    curve.points.map((point) => ({
      run: name,
      step: point.at,
      mean: Number(percent(point.mean)),
      low: Number(percent(point.band.low)),
      high: Number(percent(point.band.high)),
      mark:
        point.label === curve.best.label ? 'best seen' : point.maybeBest ? 'may be best' : 'below the best',
    })),
  );
  const marks = ['best seen', 'may be best', 'below the best'];
  const x = { field: 'step', type: 'quantitative', title: 'training step', scale: { zero: false } } as const;
  const color = {
    field: 'run',
    type: 'nominal',
    title: null,
    sort: null,
    scale: { range: [palette.blue, palette.orange] },
  } as const;
  return {
    title: 'Mean reward by training step, % (bands hold all steps at once, 95 %)',
    data: { values },
    width: 460,
    height: 260,
    layer: [
      {
        mark: { type: 'area', opacity: 0.15 },
        encoding: {
          x,
          y: { field: 'low', type: 'quantitative', title: 'mean, %', scale: { zero: false } },
          y2: { field: 'high' },
          color,
        },
      },
      { mark: 'line', encoding: { x, y: { field: 'mean', type: 'quantitative' }, color } },
      {
        mark: { type: 'point', filled: true, size: 60, opacity: 1 },
        encoding: {
          x,
          y: { field: 'mean', type: 'quantitative' },
          color,
          shape: {
            field: 'mark',
            type: 'nominal',
            title: null,
            scale: { domain: marks, range: ['diamond', 'circle', 'cross'] },
          },
        },
      },
    ],
  };
}
