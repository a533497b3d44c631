import type { FC } from 'hono/jsx';
import { percent } from '../../../base/number/decimal.js';
import { markedMean } from '../../../report/text/format.js';
import { stepNumber } from '../../../record/step-number.js';
import { addresses } from '../../address.js';
import type { ShelvedJob } from '../../job-shelf.js';
import type { PageContext } from '../page-context.js';

interface CurvesProps {
  readonly page: PageContext;
  readonly jobs: readonly ShelvedJob[];
}

interface Point {
  readonly step: number;
  readonly job: ShelvedJob;
}

/** Checkpoints of one model (`MODEL@step_20` and the like) over their steps, one picture a model and dataset. */
export const Curves: FC<CurvesProps> = ({ page, jobs }) => {
  const curves = checkpointCurves(jobs);
  if (curves.size === 0) return null;
  return (
    <section>
      <h2>Checkpoints</h2>
      <div class="curves">
        {[...curves].map(([name, points]) => (
          <Curve page={page} name={name} points={points} />
        ))}
      </div>
    </section>
  );
};

function checkpointCurves(jobs: readonly ShelvedJob[]): Map<string, Point[]> {
  const groups = new Map<string, Point[]>();
  for (const job of jobs) {
    const { model, dataset, coverage } = job.score;
    const step = stepNumber(model);
    if (step === null || coverage.measured === 0) continue;
    const key = `${model.replace(/[@:_-]?[a-z]+[_-]?\d+$/i, '')} on ${dataset}`;
    groups.set(key, [...(groups.get(key) ?? []), { step, job }]);
  }
  return new Map(
    [...groups]
      .filter(([, points]) => points.length > 1)
      .map(([key, points]) => [key, points.sort((a, b) => a.step - b.step)]),
  );
}

const [width, height, edge] = [360, 150, 28];

const Curve: FC<{ readonly page: PageContext; readonly name: string; readonly points: readonly Point[] }> = ({
  page,
  name,
  points,
}) => {
  const steps = points.map(({ step }) => step);
  // Folded, not spread: a folder of a stranger may hold more points than a call takes arguments.
  const first = steps.reduce((least, step) => Math.min(least, step), Infinity);
  const last = steps.reduce((most, step) => Math.max(most, step), -Infinity);
  const top = points.reduce((most, { job }) => Math.max(most, job.score.uncertainty.bootstrap.high), 0.1);
  const x = (step: number): number =>
    edge + ((step - first) / Math.max(1, last - first)) * (width - 2 * edge);
  const y = (mean: number): number => height - edge - (mean / top) * (height - 2 * edge);
  return (
    <figure>
      <figcaption>{name}</figcaption>
      <svg class="curve" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={finding(points)}>
        <line class="scale" x1={edge} x2={width - edge} y1={y(0)} y2={y(0)} />
        <polyline
          points={points
            .map(({ step, job }) => `${x(step).toFixed(1)},${y(job.score.mean).toFixed(1)}`)
            .join(' ')}
        />
        {points.map(({ step, job }) => (
          <g>
            <line
              class="range"
              x1={x(step).toFixed(1)}
              x2={x(step).toFixed(1)}
              y1={y(job.score.uncertainty.bootstrap.low).toFixed(1)}
              y2={y(job.score.uncertainty.bootstrap.high).toFixed(1)}
            />
            <circle class="mean" cx={x(step).toFixed(1)} cy={y(job.score.mean).toFixed(1)} r="3.5" />
            <text x={x(step).toFixed(1)} y={height - 8}>
              {step}
            </text>
          </g>
        ))}
      </svg>
      <ul class="curve-list">
        {points.map(({ step, job }) => (
          <li>
            <a href={page.to(addresses.job(job.name))}>step {step}</a> {markedMean(job.score)}
          </li>
        ))}
      </ul>
    </figure>
  );
};

function finding(points: readonly Point[]): string {
  const best = points.reduce((a, b) => (b.job.score.mean > a.job.score.mean ? b : a));
  return `${points.length} checkpoints; the best mean, ${percent(best.job.score.mean)} %, is at step ${best.step}`;
}
