import type { TrialSummary } from '../record/trial-summary.js';
import { trialName } from '../results/layout.js';
import { naturalOrder, placeTrials } from '../score/job/run-order.js';
import type { ShelvedJob } from './job-shelf.js';
import { stateOf, type MarkState } from './trial-state.js';
import { greatest } from '../base/number/extremes.js';

/** A task and its attempts, in the order of the runs. */
export interface GridRow {
  readonly task: string;
  readonly category: string | null;
  readonly difficulty: string | null;
  /** Mean reward as the headline counts it; null before any trial ended. */
  readonly mean: number | null;
  readonly cells: readonly GridCell[];
}

export interface GridCell {
  readonly run: number;
  readonly state: MarkState;
  /** Null where there is nothing to open yet. */
  readonly trial: string | null;
  readonly summary: TrialSummary | null;
}

const grids = new WeakMap<ShelvedJob, readonly GridRow[]>();

/** Every task of a job that is known: those with results, those that run or did not end, those that have not begun. */
export function gridOf(job: ShelvedJob): readonly GridRow[] {
  const known = grids.get(job);
  if (known !== undefined) return known;
  const grid = makeGrid(job);
  grids.set(job, grid);
  return grid;
}

function makeGrid(job: ShelvedJob): GridRow[] {
  const { summary, live } = job;
  const order = naturalOrder(summary.trials);
  const byTask = new Map<string, TrialSummary[]>();
  for (const trial of summary.trials) byTask.set(trial.task, [...(byTask.get(trial.task) ?? []), trial]);
  const begun = [
    ...[...(live?.running.values() ?? [])].map(({ task }) => task),
    ...(live === null ? [] : summary.incomplete.map((name) => name.replace(/__[^_]*$/, ''))),
  ];
  for (const task of [...begun, ...(summary.tasksPlanned ?? [])]) if (!byTask.has(task)) byTask.set(task, []);
  const means = new Map(job.score.tasks.map(({ task, mean }) => [task, mean]));
  return [...byTask]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([task, trials]) => ({
      task,
      category: trials[0]?.category ?? null,
      difficulty: trials[0]?.difficulty ?? null,
      mean: means.get(task) ?? null,
      cells: cellsOf(job, task, placeTrials(trials, order)),
    }));
}

function cellsOf(job: ShelvedJob, task: string, placed: ReturnType<typeof placeTrials>): GridCell[] {
  const done = new Map(placed.map(({ run, trial }) => [run, trial]));
  const last = Math.max(job.summary.attemptsPlanned ?? 0, greatest(done.keys()));
  return Array.from({ length: Number.isFinite(last) ? Math.min(last, 200) : 0 }, (_, index) => {
    const run = index + 1;
    const trial = done.get(run);
    if (trial !== undefined) return { run, state: stateOf(trial), trial: trial.name, summary: trial };
    const name = trialName(task, run);
    const isRunning = job.isRunning && job.live?.running.has(name) === true;
    const isCancelled = job.live?.cancelled.has(name) === true;
    const state = isRunning ? 'running' : isCancelled ? 'cancelled' : 'waiting';
    const isThere = isRunning || job.summary.incomplete.includes(name);
    return { run, state, trial: isThere ? name : null, summary: null };
  });
}

/** The trials of one task in the order of the runs. */
export function siblingsOf(job: ShelvedJob, task: string): readonly GridCell[] {
  return gridOf(job).find((row) => row.task === task)?.cells ?? [];
}
