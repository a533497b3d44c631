import type { CurveDifference } from '../../score/checkpoints/curve.js';
import type { NamedCurve } from './curve-text.js';

/** Curves for machines; scores are fractions of 1. */
export function curvesToJson(
  curves: readonly NamedCurve[],
  differences: readonly CurveDifference[] | null,
): Record<string, unknown> {
  return {
    schema_version: 1,
    units: { mean: 'fraction of 1', band: 'all points at once, new tasks of the kind', at: 'training step' },
    curves: curves.map(({ name, curve }) => ({
      name,
      level: curve.level,
      n_tasks: curve.nTasks,
      unpaired_tasks: curve.unpaired,
      best: {
        step: curve.best.label,
        seen: curve.best.seen,
        corrected: curve.best.corrected,
        interval: [curve.best.interval.low, curve.best.interval.high],
      },
      not_told_from_best: curve.points.filter((point) => point.maybeBest).map((point) => point.label),
      improved_until: curve.stoppedAt,
      steps: curve.points.map((point) => ({
        step: point.label,
        at: point.at,
        job: point.job,
        attempts: point.attempts,
        coverage: point.coverage,
        mean: point.mean,
        same_tasks_standard_error: point.sameTasksError,
        band: [point.band.low, point.band.high],
        change: point.rise === null ? null : point.rise.mean,
        change_band: point.rise === null ? null : [point.rise.low, point.rise.high],
        may_be_best: point.maybeBest,
        attempts_to_separate: point.attemptsToSeparate,
      })),
    })),
    second_less_first:
      differences?.map(({ at, mean, low, high, nTasks }) => ({
        at,
        difference: mean,
        band: [low, high],
        n_tasks: nTasks,
      })) ?? null,
  };
}
