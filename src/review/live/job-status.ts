import { basename } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { TrialEnd } from '../../record/trial-end.js';
import { NoTrialError } from '../../results/read-job-folder.js';
import type { JobScore } from '../../score/job/job-score.js';
import { scoreJob } from '../../score/job/score-job.js';
import { readJob } from '../read-job.js';
import type { LiveJob, LiveNote, LiveTrial } from './live-job.js';
import { readLiveJob } from './read-live-job.js';

/** Where a job stands, running or not. Fractions of 1, instants ISO 8601. */
export interface JobStatus {
  readonly name: string;
  readonly dir: string;
  /** `stopped`: trials are missing and no process works on it. */
  readonly state: 'running' | 'done' | 'stopped';
  /** By hand: nothing starts, and trials under way wait before their next turn. */
  readonly paused: boolean;
  readonly planned: number;
  readonly ended: number;
  readonly passed: number;
  readonly failed: number;
  readonly noVerdict: number;
  /** Over what has ended; null where nothing of it was measured. */
  readonly mean: number | null;
  /** For new attempts at these tasks; null before there are two attempts at one. */
  readonly standardError: number | null;
  readonly startedAt: string | null;
  /** Ends an hour since this start; null where nothing ended. */
  readonly endsPerHour: number | null;
  /** Null where nothing runs or no rate is known. */
  readonly endExpectedAt: string | null;
  readonly running: readonly LiveTrial[];
  /** Newest first. */
  readonly lastEnds: readonly { readonly at: string; readonly end: TrialEnd }[];
  readonly problems: readonly LiveNote[];
}

const endsShown = 5;

/** Reads where the job in `dir` stands at `now`. Throws `InputError` for a folder that holds none. */
export async function readJobStatus(dir: string, now: Date): Promise<JobStatus> {
  const live = await readLiveJob(dir);
  const score = await scoreSoFar(dir, live !== null);
  const isRunning = live?.isRunning ?? false;
  const job = live?.job ?? null;
  const ended = score?.nTrials ?? 0;
  const planned = Math.max(job?.total ?? 0, score?.coverage.planned ?? 0);
  const pace = isRunning && job !== null ? paceOf(job, { left: planned - ended, now }) : null;
  const noVerdict = score?.coverage.notMeasured ?? 0;
  const passed = score?.passes ?? 0;
  return {
    name: basename(dir),
    dir,
    state: isRunning ? 'running' : ended >= planned ? 'done' : 'stopped',
    paused: isRunning && job?.paused === true,
    planned,
    ended,
    passed,
    failed: ended - passed - noVerdict,
    noVerdict,
    mean: score === null || score.coverage.measured === 0 ? null : score.mean,
    standardError: score?.uncertainty.fixedTaskStandardError ?? null,
    startedAt: job?.startedAt ?? score?.job.startedAt ?? null,
    endsPerHour: pace?.endsPerHour ?? null,
    endExpectedAt: pace?.endExpectedAt ?? null,
    running: isRunning ? [...(job?.running.values() ?? [])] : [],
    lastEnds: [...(job?.ends.values() ?? [])].slice(-endsShown).reverse(),
    problems: (job?.notes ?? []).slice(-endsShown),
  };
}

/** Null where a job of ours has begun and nothing has ended. */
async function scoreSoFar(dir: string, hasEvents: boolean): Promise<JobScore | null> {
  try {
    const [summary, ...others] = await readJob(dir);
    if (others.length > 0)
      throw new InputError(`${dir} mixes ${others.length + 1} models, agents or datasets in one folder`);
    return summary === undefined ? null : scoreJob(summary);
  } catch (error) {
    if (hasEvents && error instanceof NoTrialError) return null;
    throw error;
  }
}

/** How fast trials end since this start, and when the `left` ones will be over at that; null before one ended. */
export function paceOf(
  { startedAt, ends, reused }: LiveJob,
  { left, now }: { readonly left: number; readonly now: Date },
): { readonly endsPerHour: number; readonly endExpectedAt: string } | null {
  const elapsedMs = startedAt === null ? 0 : now.getTime() - Date.parse(startedAt);
  const fresh = ends.size - reused;
  if (fresh <= 0 || !(elapsedMs > 0)) return null;
  const endsPerHour = (fresh / elapsedMs) * 3_600_000;
  return {
    endsPerHour,
    endExpectedAt: new Date(now.getTime() + (left / endsPerHour) * 3_600_000).toISOString(),
  };
}
