/**
 * Simulates the gate that may stop after every block over the recorded per-task solve rates and prints the table of
 * docs/gate.md: how often it turns red, green or cannot tell, what the fixed gate says of the same trials, and the mean
 * share of the candidate's trials that stopping early saves. Usage: tsx scripts/simulate-sequential.ts [SIMULATIONS [SEED]]
 */
import { normalQuantile } from '../src/score/statistics/interval.js';
import type { ComparisonSide } from '../src/score/comparison/comparison-side.js';
import { nullStandardError } from '../src/score/comparison/paired.js';
import { pairedDifference, permutationTest, type Pair } from '../src/score/statistics/permutation.js';
import { createRandom } from '../src/score/statistics/random.js';
import { playSequentially } from '../src/score/sequential/play-sequentially.js';
import { findableDrop } from '../src/score/sequential/findable-drop.js';
import { drawRates, lower, recordedTasks, type Fall, type RecordedTask } from './recorded-rates.js';

const alpha = 0.05;
const miss = 0.2;

interface Setting {
  readonly attempts: number;
  readonly maxDrop: number;
  readonly drop: number;
  readonly fall: Fall;
  readonly simulations: number;
  readonly seed: number;
}

function simulate(
  tasks: readonly RecordedTask[],
  { attempts, maxDrop, drop, fall, simulations, seed }: Setting,
): string {
  const random = createRandom(seed * 1e7 + Math.round(drop * 1e6) + attempts);
  const draw = (rate: number): number[] => Array.from({ length: attempts }, () => Number(random() < rate));
  const counts = { red: 0, green: 0, unknown: 0, fixed: 0, saved: 0, find: 0 };
  for (let round = 0; round < simulations; round += 1) {
    const rates = drawRates(tasks, random);
    const fallen = lower(rates, drop, { fall, random });
    const pairs: Pair[] = rates.map((rate, index) => ({
      task: String(index),
      before: draw(rate),
      after: draw(fallen[index] ?? 0),
    }));
    const baseline = {
      tasks: new Map(
        pairs.map((pair) => [pair.task, { trials: attempts, rewards: pair.before, digest: null }]),
      ),
    } as unknown as ComparisonSide;
    const rewards = new Map(
      pairs.map((pair) => [pair.task, new Map(pair.after.map((reward, index) => [index + 1, reward]))]),
    );
    const findDrop = findableDrop(baseline, attempts, { maxDrop, alpha });
    const play = playSequentially(baseline, rewards, {
      maxDrop,
      alpha,
      findDrop,
      miss,
      block: 10,
      seed: seed * 1e6 + round,
      attempts,
    });
    const verdict = play.looks.at(-1)?.verdict;
    counts[verdict === 'regression' ? 'red' : verdict === 'no-regression' ? 'green' : 'unknown'] += 1;
    counts.saved += 1 - play.lookedAt / play.planned;
    counts.find += findDrop;
    const seen = -pairedDifference(pairs);
    const beyond =
      maxDrop === 0 ? seen > 0 : seen - normalQuantile(1 - alpha) * nullStandardError(pairs) > maxDrop;
    if (beyond && permutationTest(pairs).drop <= alpha) counts.fixed += 1;
  }
  const share = (count: number): string => ((count / simulations) * 100).toFixed(1);
  return `| ${attempts} | ${(maxDrop * 100).toFixed(0)} pp | ${share(counts.find)} pp | ${(drop * 100).toFixed(0)} pp, ${fall} | ${share(counts.red)} % | ${share(counts.green)} % | ${share(counts.unknown)} % | ${share(counts.fixed)} % | ${share(counts.saved)} % |`;
}

async function main(simulations: number, seed: number): Promise<void> {
  const tasks = await recordedTasks();
  console.log(
    `${simulations} simulations a row, seed ${seed}, ${tasks.length} tasks, alpha ${alpha}, miss ${miss}, blocks of 10\n`,
  );
  console.log(
    '| attempts a side | --max-drop | --find-drop | true drop | red | green | cannot tell | fixed gate red | trials saved |',
  );
  console.log('| ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |');
  for (const maxDrop of [0, 0.02]) {
    for (const attempts of [3, 5]) {
      for (const drop of maxDrop === 0 ? [0, 0.03, 0.06, 0.1] : [0, 0.02, 0.03, 0.06, 0.1]) {
        console.log(simulate(tasks, { attempts, maxDrop, drop, fall: 'proportional', simulations, seed }));
      }
      const edge = { attempts, maxDrop, fall: 'tasks break' as const, simulations, seed };
      console.log(simulate(tasks, { ...edge, drop: maxDrop === 0 ? 0.06 : maxDrop }));
    }
  }
}

await main(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 0));
