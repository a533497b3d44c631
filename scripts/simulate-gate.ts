/**
 * Simulates the gate over the real per-task solve rates of the recorded job and prints the Markdown table of
 * docs/gate.md: false alarms and the smallest drop found with 80 % power, at 1, 3 and 5 attempts a side.
 * Usage: tsx scripts/simulate-gate.ts [SIMULATIONS]
 */
import { rmSync } from 'node:fs';
import { readJob } from '../src/review/read-job.js';
import { normalQuantile } from '../src/score/statistics/interval.js';
import { mean } from '../src/base/number/mean.js';
import { nullStandardError } from '../src/score/comparison/paired.js';
import { pairedDifference, permutationTest, type Pair } from '../src/score/statistics/permutation.js';
import { createRandom, type Random } from '../src/score/statistics/random.js';
import { scoreJob } from '../src/score/job/score-job.js';
import { temporaryDir, writeSampleJob } from '../test/doubles/sample-job.js';

const alpha = 0.05;
const z = normalQuantile(1 - alpha);
type Fall = 'proportional' | 'tasks break';

interface Setting {
  readonly attempts: number;
  readonly maxDrop: number;
  readonly fall: Fall;
}

async function taskPasses(): Promise<{ passes: number; attempts: number }[]> {
  const dir = temporaryDir('simulate-gate');
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
function fitPrior(tasks: readonly { passes: number; attempts: number }[]): [number, number] {
  const rates = tasks.map((task) => task.passes / task.attempts);
  const centre = mean(rates);
  const spread = mean(rates.map((rate) => (rate - centre) ** 2));
  const attempts = tasks[0]?.attempts ?? 1;
  const intra = (spread / (centre * (1 - centre)) - 1 / attempts) / (1 - 1 / attempts);
  const strength = 1 / intra - 1;
  return [centre * strength, (1 - centre) * strength];
}

function lower(
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

function redRate(
  tasks: readonly { passes: number; attempts: number }[],
  drop: number,
  options: Setting & { simulations: number },
): number {
  const random = createRandom(Math.round(drop * 1e6) + options.attempts);
  const [a, b] = fitPrior(tasks);
  const draw = (rate: number): number[] =>
    Array.from({ length: options.attempts }, () => Number(random() < rate));
  let red = 0;
  for (let round = 0; round < options.simulations; round += 1) {
    const rates = tasks.map((task) => beta(a + task.passes, b + task.attempts - task.passes, random));
    const fallen = lower(rates, drop, { fall: options.fall, random });
    const pairs: Pair[] = rates.map((rate, index) => ({
      task: String(index),
      before: draw(rate),
      after: draw(fallen[index] ?? 0),
    }));
    const seen = -pairedDifference(pairs);
    const beyond = options.maxDrop === 0 ? seen > 0 : seen - z * nullStandardError(pairs) > options.maxDrop;
    if (beyond && permutationTest(pairs).drop <= alpha) red += 1;
  }
  return red / options.simulations;
}

function detectableDrop(
  tasks: readonly { passes: number; attempts: number }[],
  options: Setting & { simulations: number },
): number {
  let [low, high] = [0, 0.2];
  for (let step = 0; step < 7; step += 1) {
    const middle = (low + high) / 2;
    if (redRate(tasks, middle, options) < 0.8) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

async function main(simulations: number): Promise<void> {
  const tasks = await taskPasses();
  const percent = (value: number): string => (value * 100).toFixed(1);
  console.log(`${simulations} simulations a cell, ${tasks.length} tasks, alpha ${alpha}\n`);
  console.log(
    '| attempts a side | --max-drop | false alarms, no drop | false alarms, drop = max-drop | found with 80 % power, all tasks fall alike | found with 80 % power, whole tasks break |',
  );
  console.log('| ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const maxDrop of [0, 0.02]) {
    for (const attempts of [1, 3, 5]) {
      const at = { attempts, maxDrop, simulations };
      const none = redRate(tasks, 0, { ...at, fall: 'proportional', simulations: simulations * 4 });
      const edge = Math.max(
        redRate(tasks, maxDrop, { ...at, fall: 'proportional', simulations: simulations * 4 }),
        redRate(tasks, maxDrop, { ...at, fall: 'tasks break', simulations: simulations * 4 }),
      );
      const alike = detectableDrop(tasks, { ...at, fall: 'proportional' });
      const broken = detectableDrop(tasks, { ...at, fall: 'tasks break' });
      console.log(
        `| ${attempts} | ${percent(maxDrop)} pp | ${percent(none)} % | ${percent(edge)} % | ${percent(alike)} pp | ${percent(broken)} pp |`,
      );
    }
  }
}

await main(Number(process.argv[2] ?? 1000));
