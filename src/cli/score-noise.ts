import type { JobSummary } from '../record/job-summary.js';
import { renderAtSpeed, renderDoubt } from '../report/score/noise-text.js';
import { renderRepeatability } from '../report/score/repeatability-text.js';
import { readReplays } from '../review/replay-check-file.js';
import { readDoubt } from '../review/read-doubt.js';
import { recordedSpeed, scoreAtSpeed, type AtSpeed } from '../score/noise/at-speed.js';
import { measureRepeatability, type Repeatability } from '../score/noise/repeatability.js';
import type { ResourceDoubt } from '../score/noise/resource-doubt.js';
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
    noise.push({
      name: job.name,
      doubt: await readDoubt(job),
      repeatability: measureRepeatability(await readReplays(job.dir)),
      atSpeed: speeds.map((speed) => scoreAtSpeed(job, speed)),
      recordedSpeed: recordedSpeed(job),
    });
  }
  return noise;
}

/** Sections under the table; none where there is nothing to say. */
export function renderNoise(noise: readonly JobNoise[], width: number): string[] {
  return noise.flatMap(({ name, doubt, repeatability, atSpeed, recordedSpeed }) => [
    ...(doubt.trials.length === 0 ? [] : [renderDoubt(name, doubt)]),
    ...(repeatability === null ? [] : [renderRepeatability(name, repeatability)]),
    ...(atSpeed.length === 0 ? [] : [`${name}\n${renderAtSpeed(atSpeed, recordedSpeed, width)}`]),
  ]);
}

export function noiseToJson(noise: JobNoise): Record<string, unknown> {
  const { name, doubt, repeatability, atSpeed, recordedSpeed } = noise;
  return {
    job: name,
    in_doubt: doubt.trials,
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
    })),
  };
}
