/** The solve rates that the simulations draw from: the recorded 5-attempt job of the tests, as a posterior. */
import { rmSync } from 'node:fs';
import { readJob } from '../src/review/read-job.js';
import { mean } from '../src/base/number/mean.js';
import { scoreJob } from '../src/score/job/score-job.js';
import { normalQuantile } from '../src/score/statistics/interval.js';
import type { Random } from '../src/score/statistics/random.js';
import { temporaryDir, writeSampleJob } from '../test/doubles/sample-job.js';

export type Fall = 'proportional' | 'tasks break';

export interface RecordedTask {
  readonly passes: number;
  readonly attempts: number;
}

/** Passes of each of the 89 tasks in the recorded job, whose fixture is in the repository. */
export async function recordedTasks(): Promise<RecordedTask[]> {
  const dir = temporaryDir('recorded-rates');
  try {
    const [job] = await readJob(writeSampleJob(dir));
    if (job === undefined) throw new Error('no job');
    return scoreJob(job).tasks.map((task) => ({ passes: task.passes, attempts: task.rewards.length }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Marsaglia and Tsang's gamma, boosted below 1; a beta is a ratio of two. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalQuantile(Math.min(1 - 1e-12, Math.max(1e-12, random())));
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(Math.max(1e-300, random())) < 0.5 * x * x + d - d * v + d * Math.log(v))
      return d * v;
  }
}

function beta(a: number, b: number, random: Random): number {
  const x = gamma(a, random);
  return x / (x + gamma(b, random));
}

/** Beta-binomial prior by moments, so that the posterior keeps tasks between never and always. */
function fitPrior(tasks: readonly RecordedTask[]): [number, number] {
  const rates = tasks.map((task) => task.passes / task.attempts);
  const centre = mean(rates);
  const spread = mean(rates.map((rate) => (rate - centre) ** 2));
  const attempts = tasks[0]?.attempts ?? 1;
  const intra = (spread / (centre * (1 - centre)) - 1 / attempts) / (1 - 1 / attempts);
  const strength = 1 / intra - 1;
  return [centre * strength, (1 - centre) * strength];
}

/** One plausible true rate a task: a draw from the posterior of what was recorded. */
export function drawRates(tasks: readonly RecordedTask[], random: Random): number[] {
  const [a, b] = fitPrior(tasks);
  return tasks.map((task) => beta(a + task.passes, b + task.attempts - task.passes, random));
}

/** Rates whose mean is lower by `drop`: all tasks alike in proportion, or whole tasks at random to 0. */
export function lower(
  rates: readonly number[],
  drop: number,
  { fall, random }: { fall: Fall; random: Random },
): number[] {
  const centre = mean(rates);
  if (fall === 'proportional') return rates.map((rate) => rate * Math.max(0, 1 - drop / centre));
  let left = drop * rates.length;
  const lowered = [...rates];
  const order = rates.map((_, index) => index).sort(() => random() - 0.5);
  for (const index of order) {
    const taken = Math.min(left, lowered[index] ?? 0);
    lowered[index] = (lowered[index] ?? 0) - taken;
    left -= taken;
  }
  return lowered;
}
