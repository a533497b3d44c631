/**
 * Simulates the gate over the real per-task solve rates of the recorded job and prints the Markdown table of
 * docs/gate.md: false alarms and the smallest drop found with 80 % power, at 1, 3 and 5 attempts a side.
 * Usage: tsx scripts/simulate-gate.ts [SIMULATIONS]
 */
import { normalQuantile } from '../src/score/statistics/interval.js';
import { nullStandardError } from '../src/score/comparison/paired.js';
import { pairedDifference, permutationTest, type Pair } from '../src/score/statistics/permutation.js';
import { createRandom } from '../src/score/statistics/random.js';
import { drawRates, lower, recordedTasks, type Fall, type RecordedTask } from './recorded-rates.js';

const alpha = 0.05;
const z = normalQuantile(1 - alpha);

interface Setting {
  readonly attempts: number;
  readonly maxDrop: number;
  readonly fall: Fall;
}

function redRate(
  tasks: readonly RecordedTask[],
  drop: number,
  options: Setting & { simulations: number },
): number {
  const random = createRandom(Math.round(drop * 1e6) + options.attempts);
  const draw = (rate: number): number[] =>
    Array.from({ length: options.attempts }, () => Number(random() < rate));
  let red = 0;
  for (let round = 0; round < options.simulations; round += 1) {
    const rates = drawRates(tasks, random);
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

function detectableDrop(tasks: readonly RecordedTask[], options: Setting & { simulations: number }): number {
  let [low, high] = [0, 0.2];
  for (let step = 0; step < 7; step += 1) {
    const middle = (low + high) / 2;
    if (redRate(tasks, middle, options) < 0.8) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

async function main(simulations: number): Promise<void> {
  const tasks = await recordedTasks();
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
