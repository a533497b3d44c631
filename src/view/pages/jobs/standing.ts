import type { ShelvedJob } from '../../job-shelf.js';

/** Where a job stands, in a word or two, and the colour of that. */
export function standing({ isRunning, live, score }: ShelvedJob): {
  readonly text: string;
  readonly kind: string;
} {
  if (isRunning && live?.paused === true) return { text: 'paused by hand', kind: 'partial' };
  if (isRunning) return { text: `${live?.running.size ?? 0} under way`, kind: 'running' };
  const { missing, notMeasured } = score.coverage;
  const unclear = notMeasured > 0 ? [`${notMeasured} without a verdict`] : [];
  if (missing > 0) return { text: [`${missing} missing`, ...unclear].join(', '), kind: 'partial' };
  return { text: ['done', ...unclear].join(', '), kind: 'plain' };
}

/** When a job began, ISO 8601: as it says itself, else its first trial; empty where nothing says. */
export function startOf({ summary, live }: ShelvedJob): string {
  const stamps = summary.trials.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt]));
  const first = stamps.reduce((a, b) => (a < b ? a : b), '~');
  return live?.startedAt ?? summary.startedAt ?? (first === '~' ? '' : first);
}

/** Trials planned, as a job's record or, before its first totals, its events say. */
export function plannedOf({ live, score }: ShelvedJob): number {
  return Math.max(score.coverage.planned, live?.total ?? 0);
}
