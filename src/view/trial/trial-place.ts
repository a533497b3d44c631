import { basename, dirname, join, relative } from 'node:path';
import { isPassing } from '../../record/reward.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import type { LiveTrial } from '../../review/live/live-job.js';
import { listSteps, stepFolder } from '../../review/trial/list-steps.js';
import { placesOf } from '../../review/turns/follow-turns.js';
import type { TurnPlaces } from '../../review/turns/open-turns.js';
import type { ShelvedJob } from '../job-shelf.js';
import { trialFolder } from './trial-folder.js';

/** A trial of a job and where it lies; of a task of several steps, with the one that is looked at. */
export interface TrialPlace {
  readonly summary: TrialSummary | null;
  readonly running: LiveTrial | null;
  readonly task: string;
  /** Null where a format keeps no folder a trial. */
  readonly dir: string | null;
  /** Steps that left something, in the order they were begun; none for a task of one. */
  readonly steps: readonly string[];
  readonly step: string | null;
  /** What the agent and the tests left: the trial's folder, or that of the step. */
  readonly madeDir: string | null;
  readonly places: TurnPlaces;
}

/**
 * Finds a trial among those that the job knows, and a step among those of its folder, so that no name leads elsewhere; null for any
 * other name. Without a step: the one under way, else the first that was not passed, else the last.
 */
export async function findTrialPlace(
  job: ShelvedJob,
  name: string,
  wanted: string | null = null,
): Promise<TrialPlace | null> {
  const summary = job.summary.trials.find((trial) => trial.name === name) ?? null;
  const running = job.isRunning ? (job.live?.running.get(name) ?? null) : null;
  const isUnfinished = job.summary.incomplete.includes(name) || running !== null;
  if (summary === null && !isUnfinished) return null;
  const task = summary?.task ?? running?.task ?? name.replace(/__[^_]*$/, '');
  const dir = summary === null ? join(job.dir, name) : await trialFolder(job, summary);
  const recorded = running === null ? (summary?.steps ?? []) : [];
  const steps = dir === null ? [] : await listSteps(dir);
  if (wanted !== null && !steps.includes(wanted)) return null;
  const missed = recorded.find((one) => steps.includes(one.name) && !isPassing(one.reward ?? 0));
  const step = wanted ?? missed?.name ?? steps.at(-1) ?? null;
  const madeDir = dir === null || step === null ? dir : join(dir, stepFolder(step));
  return { summary, running, task, dir, steps, step, madeDir, places: turnPlaces(job, madeDir, task) };
}

/** Where a conversation may lie, in every format that is read. */
function turnPlaces(job: Pick<ShelvedJob, 'dir'>, dir: string | null, task: string): TurnPlaces {
  if (dir === null) return { root: job.dir, journal: null, documents: [`${task}.traj.json`], episodes: [] };
  const below = relative(job.dir, dir) || '.';
  const [root, prefix] = below.startsWith('..') ? [dirname(dir), basename(dir)] : [job.dir, below];
  return placesOf(root, prefix);
}
