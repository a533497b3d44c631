import { subtract } from '../../base/number/fraction.js';
import { sideCoverage, type ComparisonSide } from '../comparison/comparison-side.js';
import type { Range } from '../statistics/quantile.js';
import { attemptsToSeparate, bestSet, criticalGaps, lastShownGain } from './best-set.js';
import { simultaneousBand, type BandPoint } from './simultaneous-band.js';
import { stepEstimates, stepGrid, taskMeans, type StepEstimate, type StepGrid } from './step-grid.js';
import { correctedWinner } from './winner.js';

/** One checkpoint of a training run and what was measured of it. */
export interface CurveStep {
  readonly label: string;
  /** Where it stands on the axis: training steps, or the place in the list. */
  readonly at: number;
  readonly side: ComparisonSide;
}

export interface CurvePoint {
  readonly label: string;
  readonly at: number;
  readonly job: string;
  readonly attempts: number;
  /** Trials of the job that were measured, of those planned. */
  readonly coverage: ReturnType<typeof sideCoverage>;
  /** Mean over tasks, its standard error for new attempts at these tasks, and the simultaneous band for new tasks. */
  readonly mean: number;
  readonly sameTasksError: number;
  readonly band: Range;
  /** Difference to the step before, paired by task, with its simultaneous band; null at the first. */
  readonly rise: BandPoint | null;
  /** True when it cannot be told from the best. */
  readonly maybeBest: boolean;
  /** Attempts a task that would tell it from the best if the difference seen is true; null where none is seen. */
  readonly attemptsToSeparate: number | null;
}

export interface Curve {
  readonly level: number;
  readonly points: readonly CurvePoint[];
  readonly nTasks: number;
  readonly unpaired: readonly string[];
  readonly best: {
    readonly label: string;
    readonly seen: number;
    readonly corrected: number;
    readonly interval: Range;
  };
  /** The first step after which none is shown to be better. */
  readonly stoppedAt: string;
}

/** Score against training step, with what can be said of it. Null for no step. Steps are put in the axis' order. */
export function scoreCurve(steps: readonly CurveStep[], level = 0.95): Curve | null {
  const ordered = [...steps].sort((a, b) => a.at - b.at);
  const grid = stepGrid(ordered);
  const estimates = stepEstimates(grid);
  const winner = correctedWinner(estimates, level);
  const best = ordered[winner?.index ?? 0];
  const bestEstimate = estimates[winner?.index ?? 0];
  if (winner === null || best === undefined || bestEstimate === undefined) return null;
  const { bands, rises } = bandsOf(grid, level);
  const kept = new Set(bestSet(estimates, { level }));
  const critical = criticalGaps(estimates, { level });
  const pointOf = (step: CurveStep, index: number): CurvePoint => {
    const estimate: StepEstimate = estimates[index] ?? bestEstimate;
    return {
      label: step.label,
      at: step.at,
      job: step.side.name,
      attempts: estimate.attempts,
      coverage: sideCoverage(step.side),
      mean: estimate.mean,
      sameTasksError: estimate.standardError,
      band: { low: bands[index]?.low ?? 0, high: bands[index]?.high ?? 1 },
      rise: rises[index - 1] ?? null,
      maybeBest: kept.has(index),
      attemptsToSeparate: attemptsToSeparate([bestEstimate, estimate], critical[index] ?? 0),
    };
  };
  return {
    level,
    points: ordered.map(pointOf),
    nTasks: grid.tasks.length,
    unpaired: grid.unpaired,
    best: { label: best.label, seen: winner.seen, corrected: winner.corrected, interval: winner.interval },
    stoppedAt: ordered[lastShownGain(estimates, { level })]?.label ?? best.label,
  };
}

/** Where two training runs have the same step: second less first, paired by task, all differences at once. */
export interface CurveDifference extends BandPoint {
  readonly at: number;
  readonly nTasks: number;
}

export function compareCurves(
  first: readonly CurveStep[],
  second: readonly CurveStep[],
  level = 0.95,
): CurveDifference[] {
  const shared = first
    .flatMap((a) => {
      const b = second.find((step) => step.at === a.at);
      return b === undefined ? [] : [{ at: a.at, a, b }];
    })
    .sort((x, y) => x.at - y.at);
  const grid = stepGrid(shared.flatMap(({ a, b }) => [a, b]));
  const means = taskMeans(grid);
  const differences = shared.map((_, index) =>
    (means[2 * index + 1] ?? []).map((value, task) => subtract(value, means[2 * index]?.[task] ?? 0)),
  );
  const band = simultaneousBand(differences, { level });
  return shared.flatMap(({ at }, index) => {
    const point = band[index];
    return point === undefined ? [] : [{ at, nTasks: grid.tasks.length, ...point }];
  });
}

function bandsOf(grid: StepGrid, level: number): { bands: BandPoint[]; rises: BandPoint[] } {
  const means = taskMeans(grid);
  const rises = means
    .slice(1)
    .map((values, index) => values.map((value, task) => subtract(value, means[index]?.[task] ?? 0)));
  return { bands: simultaneousBand(means, { level, lowest: 0 }), rises: simultaneousBand(rises, { level }) };
}
