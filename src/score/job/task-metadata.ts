import type { JobSummary } from '../../record/job-summary.js';

/** What a dataset says of one task: difficulty, category and any other key. */
export type TaskMetadata = Readonly<Record<string, unknown>>;

/** Adds what a dataset knows of its tasks to a job that does not record it; recorded values win. */
export function addMetadata(job: JobSummary, tasks: ReadonlyMap<string, TaskMetadata>): JobSummary {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    ...job,
    trials: job.trials.map((trial) => {
      const known = tasks.get(trial.task.split('/').at(-1) ?? trial.task);
      if (known === undefined) return trial;
      return {
        ...trial,
        difficulty: trial.difficulty ?? text(known['difficulty']),
        category: trial.category ?? text(known['category']),
        metadata: { ...known, ...trial.metadata },
      };
    }),
  };
}
