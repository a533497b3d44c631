import { datasetLabel, type JobSummary } from '../../record/job-summary.js';
import { naturalOrder, placeTrials } from './run-order.js';
import { findDifferences, type Difference } from '../comparison/find-differences.js';
import { sideOfJob } from '../comparison/comparison-side.js';

/**
 * Several jobs of the same thing as one: the attempts of each follow those of the jobs before it. Callers
 * refuse pools with differences; a mean over unlike set-ups is a number of nothing.
 */
export function poolJobs(jobs: readonly JobSummary[]): JobSummary | null {
  const [first, ...others] = jobs;
  if (first === undefined || others.length === 0) return first ?? null;
  let offset = 0;
  const trials = jobs.flatMap((job) => {
    const placed = numberAttempts(job);
    const start = offset;
    offset += Math.max(0, ...placed.map(({ run }) => run));
    return placed.map(({ run, trial }) => ({ ...trial, attempt: start + run }));
  });
  const total = (pick: (job: JobSummary) => number | null): number | null =>
    jobs.some((job) => pick(job) === null) ? null : jobs.reduce((sum, job) => sum + (pick(job) ?? 0), 0);
  return {
    ...first,
    name: jobs.map((job) => job.name).join(' + '),
    trials,
    attemptsPlanned: total((job) => job.attemptsPlanned),
    trialsPlanned: total((job) => job.trialsPlanned),
    incomplete: jobs.flatMap((job) => job.incomplete),
    problems: jobs.flatMap((job) => job.problems),
  };
}

/** What keeps jobs from being pooled: another model or dataset, or any difference in set-up. */
export function poolObstacles(jobs: readonly JobSummary[]): string[] {
  const [first, ...others] = jobs;
  if (first === undefined) return [];
  return others.flatMap((job) => {
    const obstacles: string[] = findDifferences(sideOfJob(first), sideOfJob(job)).map(
      ({ detail }: Difference) => detail,
    );
    if (job.model !== first.model)
      obstacles.push(`models ${first.model ?? 'unknown'} and ${job.model ?? 'unknown'}`);
    if (job.modelKind !== first.modelKind)
      obstacles.push(`model kinds ${String(first.modelKind)} and ${String(job.modelKind)}`);
    if (datasetLabel(job.dataset) !== datasetLabel(first.dataset)) {
      obstacles.push(`datasets ${datasetLabel(first.dataset)} and ${datasetLabel(job.dataset)}`);
    }
    return obstacles;
  });
}

function numberAttempts(job: JobSummary): ReturnType<typeof placeTrials> {
  const order = naturalOrder(job.trials);
  const tasks = [...new Set(job.trials.map((trial) => trial.task))];
  return tasks.flatMap((task) =>
    placeTrials(
      job.trials.filter((trial) => trial.task === task),
      order,
    ),
  );
}
