import { distinctTrials } from '../../record/distinct-trials.js';
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
  const distinct = distinctTrials(jobs.flatMap((job) => job.trials));
  const counted = new Set(distinct.trials);
  let offset = 0;
  const trials = jobs.flatMap((job) => {
    const placed = numberAttempts({ ...job, trials: job.trials.filter((trial) => counted.has(trial)) });
    const start = offset;
    offset += placed.reduce((most, { run }) => Math.max(most, run), 0);
    return placed.map(({ run, trial }) => ({ ...trial, attempt: start + run }));
  });
  const copies = distinct.problems.length;
  const total = (pick: (job: JobSummary) => number | null): number | null =>
    jobs.some((job) => pick(job) === null) ? null : jobs.reduce((sum, job) => sum + (pick(job) ?? 0), 0);
  return {
    ...first,
    name: jobs.map((job) => job.name).join(' + '),
    trials,
    // Copies were planned once: then only the numbers of trials can be added up.
    attemptsPlanned: copies > 0 ? null : total((job) => job.attemptsPlanned),
    trialsPlanned: less(
      total((job) => job.trialsPlanned),
      copies,
    ),
    incomplete: jobs.flatMap((job) => job.incomplete),
    problems: [...jobs.flatMap((job) => job.problems), ...distinct.problems],
  };
}

function less(count: number | null, copies: number): number | null {
  return count === null ? null : count - copies;
}

/**
 * What keeps jobs from being pooled: another model, agent or dataset, or any difference in set-up. Models that no record
 * names cannot be told to be the same.
 */
export function poolObstacles(jobs: readonly JobSummary[]): string[] {
  const [first, ...others] = jobs;
  if (first === undefined) return [];
  return others.flatMap((job) => {
    const obstacles: string[] = findDifferences(sideOfJob(first), sideOfJob(job)).map(
      ({ detail }: Difference) => detail,
    );
    const unnamed = [first, job].filter((side) => side.model === null && side.modelKind !== 'none');
    if (unnamed.length > 0)
      obstacles.push(`no record names the model of ${unnamed.map(({ name }) => name).join(' and ')}`);
    else if (job.model !== first.model)
      obstacles.push(`models ${first.model ?? 'none'} and ${job.model ?? 'none'}`);
    if (job.agent !== first.agent) obstacles.push(`agents ${first.agent} and ${job.agent}`);
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
