import type { Baseline } from '../../record/baseline.js';
import type { JobSummary } from '../../record/job-summary.js';
import { plannedTrials } from '../job/coverage.js';
import { labelJob } from '../job/labels.js';

/** One side of a comparison: a job, or what a baseline file keeps of one. */
export interface ComparisonSide {
  readonly name: string;
  readonly model: string | null;
  readonly modelKind: string | null;
  readonly labels: readonly string[];
  readonly agent: string;
  readonly dataset: JobSummary['dataset'];
  readonly harness: JobSummary['harness'];
  readonly budgetMode: string | null;
  readonly clockMode: string | null;
  readonly timeoutMultiplier: number;
  readonly overrides: readonly string[];
  /** Planned trials of which there is no result. */
  readonly missing: number;
  readonly tasks: ReadonlyMap<string, SideTask>;
}

export interface SideTask {
  /** Trials in all, also those without a verdict. */
  readonly trials: number;
  /** Rewards of the trials whose tests gave a verdict, in no particular order. */
  readonly rewards: readonly number[];
  readonly digest: string | null;
}

/** Trials of a side that were measured, of all that were planned. */
export function sideCoverage(side: Pick<ComparisonSide, 'missing' | 'tasks'>): {
  readonly measured: number;
  readonly planned: number;
} {
  const tasks = [...side.tasks.values()];
  return {
    measured: tasks.reduce((total, task) => total + task.rewards.length, 0),
    planned: side.missing + tasks.reduce((total, task) => total + task.trials, 0),
  };
}

/** A job as one side. Only measured trials count: a broken sandbox is no evidence about a model. */
export function sideOfJob(job: JobSummary): ComparisonSide {
  const tasks = new Map<string, SideTask>();
  for (const trial of [...job.trials].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const known = tasks.get(trial.task) ?? { trials: 0, rewards: [], digest: trial.taskDigest };
    tasks.set(trial.task, {
      trials: known.trials + 1,
      rewards: trial.measured ? [...known.rewards, trial.effectiveReward] : known.rewards,
      digest: known.digest,
    });
  }
  return {
    ...job,
    labels: labelJob(job),
    missing: plannedTrials(job, tasks.size) - job.trials.length,
    tasks,
  };
}

/** A baseline file as one side. */
export function sideOfBaseline(baseline: Baseline): ComparisonSide {
  const known = {
    name: baseline.name,
    model: baseline.model,
    modelKind: baseline.model_kind,
    agent: baseline.agent,
    dataset: baseline.dataset,
    harness: baseline.harness,
    budgetMode: baseline.budget_mode,
    clockMode: baseline.clock_mode,
    timeoutMultiplier: baseline.timeout_multiplier,
    overrides: baseline.overrides,
  };
  return {
    ...known,
    labels: labelJob({ ...known, trials: [] }),
    missing: baseline.missing,
    tasks: new Map(Object.entries(baseline.tasks)),
  };
}

/** What a baseline file keeps of a job. `savedAt` ISO 8601. */
export function baselineOfJob(
  job: JobSummary,
  made: { readonly version: string; readonly savedAt: string },
): Baseline {
  const side = sideOfJob(job);
  return {
    kind: 'tbench-baseline',
    schema_version: 1,
    tbench_version: made.version,
    saved_at: made.savedAt,
    name: job.name,
    model: job.model,
    model_kind: job.modelKind,
    agent: job.agent,
    dataset: { ...job.dataset },
    harness: job.harness === null ? null : { ...job.harness },
    budget_mode: job.budgetMode,
    clock_mode: job.clockMode,
    timeout_multiplier: job.timeoutMultiplier,
    overrides: [...job.overrides],
    missing: side.missing,
    tasks: Object.fromEntries(
      [...side.tasks].map(([name, task]) => [name, { ...task, rewards: [...task.rewards].sort() }]),
    ),
  };
}
