import type { PublishedCell } from '../../results/published.js';
import { percent } from '../../base/number/decimal.js';
import type { JobScore } from '../../score/job/job-score.js';
import { publishedDataset } from '../../score/published/leaderboard.js';
import { partMark } from '../text/format.js';
import { palette, type ChartSpec } from './render-chart.js';

interface Point {
  readonly label: string;
  readonly dataset: string;
  readonly kind: 'measured' | 'published';
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Means by model and dataset. Measured bars are 95 % intervals for new attempts at the same tasks (mean ± 1.96
 * fixed-task standard errors, else ± the std over runs); published ones are mean ± the printed spread.
 */
export function meansChart(scores: readonly JobScore[], published: readonly PublishedCell[]): ChartSpec {
  const measured = scores.filter((score) => score.coverage.measured > 0);
  const values = [...measured.map(measuredPoint), ...published.map(publishedPoint)];
  return {
    title: 'Mean reward, % (measured: 95 % on these tasks; published: ± as printed)',
    data: { values },
    facet: {
      row: {
        field: 'dataset',
        type: 'nominal',
        title: null,
        header: { labelAngle: 0, labelAlign: 'left', labelAnchor: 'start', orient: 'top' },
      },
    },
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 420,
      height: { step: 20 },
      encoding: {
        y: {
          field: 'label',
          type: 'nominal',
          title: null,
          sort: { field: 'mean', op: 'max', order: 'descending' },
        },
        color: {
          field: 'kind',
          type: 'nominal',
          title: null,
          scale: { domain: ['measured', 'published'], range: [palette.blue, palette.orange] },
        },
      },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: { x: { field: 'low', type: 'quantitative', title: 'mean, %' }, x2: { field: 'high' } },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x: { field: 'mean', type: 'quantitative' } },
        },
      ],
    },
  };
}

function measuredPoint(score: JobScore): Point {
  const error = score.uncertainty.fixedTaskStandardError;
  const half = error === null ? score.std : 1.96 * error;
  return {
    label: labelOf(score),
    dataset: publishedDataset(score.job.dataset) ?? score.dataset,
    kind: 'measured',
    mean: Number(percent(score.mean)),
    low: Number(percent(Math.max(0, score.mean - half))),
    high: Number(percent(Math.min(1, score.mean + half))),
  };
}

/** The model and the job, which is named after the model where that tells it apart, and what must be known of both. */
function labelOf(score: JobScore): string {
  const name = score.name === score.model ? score.name : `${score.model} (${score.name})`;
  const [label] = score.labels;
  return `${name}${partMark(score.coverage)}${label === undefined ? '' : `, ${label}`}`;
}

function publishedPoint({ model, dataset, mean, spread, table }: PublishedCell): Point {
  return {
    label: `${model} (${table === 'card' ? 'model card' : `paper, table ${table}`})`,
    dataset,
    kind: 'published',
    mean,
    low: mean - (spread ?? 0),
    high: mean + (spread ?? 0),
  };
}
