import type { JobSummary } from '../record/job-summary.js';
import { renderAtSpeed, renderDoubt } from '../report/score/noise-text.js';
import type { TaskMarks } from '../report/score/task-table.js';
import { renderRepeatability } from '../report/score/repeatability-text.js';
import { readReplays } from '../review/replay-check-file.js';
import { readDoubt } from '../review/read-doubt.js';
import { readTurnTimes } from '../review/read-turn-times.js';
import { recordedSpeed, scoreAtSpeed, type AtSpeed, type TurnTime } from '../score/noise/at-speed.js';
import { measureRepeatability, type Repeatability } from '../score/noise/repeatability.js';
import type { Headroom, ResourceDoubt } from '../score/noise/resource-doubt.js';
import { parseFactor } from './options/parse-values.js';

/** What is said of a job's noise beside its score. */
export interface JobNoise {
  readonly name: string;
  readonly doubt: ResourceDoubt;
  readonly atSpeed: readonly AtSpeed[];
  /** What `tbench replay-check` found of it; null where it was not asked. */
  readonly repeatability: Repeatability | null;
  /** Tokens per second of the record. */
  readonly recordedSpeed: number | null;
}

/** Gathers the rates of --at-speed. */
export function collectSpeeds(value: string, earlier: number[] | undefined): number[] {
  return [...(earlier ?? []), parseFactor(value)];
}

export async function readNoise(jobs: readonly JobSummary[], speeds: readonly number[]): Promise<JobNoise[]> {
  const noise: JobNoise[] = [];
  for (const job of jobs) {
    const turns = speeds.length === 0 ? new Map<string, readonly TurnTime[] | null>() : await readTurns(job);
    noise.push({
      name: job.name,
      doubt: await readDoubt(job),
      repeatability: measureRepeatability(await readReplays(job.dir)),
      atSpeed: speeds.map((speed) => scoreAtSpeed(job, speed, ({ name }) => turns.get(name) ?? null)),
      recordedSpeed: recordedSpeed(job),
    });
  }
  return noise;
}

/** Marks the tasks of each job whose verdict changed when their turns were played again. */
export async function readMarks(jobs: readonly JobSummary[]): Promise<TaskMarks[]> {
  const marks: TaskMarks[] = [];
  for (const job of jobs) {
    const found = measureRepeatability(await readReplays(job.dir))?.tasks ?? [];
    marks.push(
      new Map(found.map(({ task, changed, replays }) => [task, `changed in ${changed} of ${replays}`])),
    );
  }
  return marks;
}

/** One journal after the other: each may be large. */
async function readTurns(job: JobSummary): Promise<ReadonlyMap<string, readonly TurnTime[] | null>> {
  const turns = new Map<string, readonly TurnTime[] | null>();
  for (const trial of job.trials) turns.set(trial.name, await readTurnTimes(trial));
  return turns;
}

/** Sections under the table; none where there is nothing to say. */
export function renderNoise(noise: readonly JobNoise[], width: number): string[] {
  return noise.flatMap(({ name, doubt, repeatability, atSpeed, recordedSpeed }) => [
    ...(doubt.trials.length === 0 ? [] : [renderDoubt(name, doubt)]),
    ...(repeatability === null ? [] : [renderRepeatability(name, repeatability)]),
    ...(atSpeed.length === 0 ? [] : [`${name}\n${renderAtSpeed(atSpeed, recordedSpeed, width)}`]),
  ]);
}

function headroomToJson(headroom: Headroom | null): Record<string, number | null> {
  return {
    throttled_ms: headroom?.throttledMs ?? null,
    memory_peak_bytes: headroom?.memoryPeakBytes ?? null,
    memory_limit_bytes: headroom?.memoryLimitBytes ?? null,
    oom_kills: headroom?.oomKills ?? null,
    commands_timed_out: headroom?.commandsTimedOut ?? null,
    slot_ms: headroom?.slotMs ?? null,
    silence_ms: headroom?.silenceMs ?? null,
    retry_ms: headroom?.retryMs ?? null,
    outage_ms: headroom?.outageMs ?? null,
  };
}

export function noiseToJson(noise: JobNoise): Record<string, unknown> {
  const { name, doubt, repeatability, atSpeed, recordedSpeed } = noise;
  return {
    job: name,
    in_doubt: doubt.trials.map(({ trial, reasons, headroom }) => ({
      trial,
      reasons,
      ...headroomToJson(headroom),
    })),
    doubt_counts: doubt.counts,
    mean: doubt.mean,
    mean_without_doubt: doubt.meanWithout,
    tasks_without_doubt: doubt.tasksLeft,
    replayed:
      repeatability === null
        ? null
        : {
            trials: repeatability.all.trials,
            changed: repeatability.all.changed,
            interval: [repeatability.all.interval.low, repeatability.all.interval.high],
            tasks_changed: repeatability.tasks,
          },
    recorded_tokens_per_second: recordedSpeed,
    at_speed: atSpeed.map((row) => ({
      tokens_per_second: row.tokensPerSecond,
      mean_low: row.low,
      mean_high: row.high,
      cut_off: row.cutOff,
      set_free: row.setFree,
      unknown: row.unknown,
      by_totals: row.byTotals,
    })),
  };
}
