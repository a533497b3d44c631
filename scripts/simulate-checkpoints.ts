/**
 * Simulates curves of checkpoints over the recorded per-task solve rates and prints the tables of docs/checkpoints.md:
 * how far the best of k noisy means is above the truth, before and after the correction, how often intervals and
 * bands hold the truth, and what successive elimination saves. Usage: tsx scripts/simulate-checkpoints.ts [SIMULATIONS [SEED]];
 * another seed draws other rates and rewards, so that nothing that was tuned on one seed is judged by it.
 */
import { bestSet } from '../src/score/checkpoints/best-set.js';
import { simultaneousBand } from '../src/score/checkpoints/simultaneous-band.js';
import { stepEstimates, type StepEstimate } from '../src/score/checkpoints/step-grid.js';
import { stillInTheRunning } from '../src/score/checkpoints/successive-elimination.js';
import { correctedWinner } from '../src/score/checkpoints/winner.js';
import { createRandom, normalDraw, type Random } from '../src/score/statistics/random.js';
import { drawRates, recordedTasks, type RecordedTask } from './recorded-rates.js';

type Shape = 'flat' | 'rising';

interface Row {
  readonly shape: Shape;
  /** Steps, and attempts at each task. */
  readonly k: number;
  readonly n: number;
  readonly simulations: number;
  readonly seed: number;
}

/** True rates of k steps: logits of the recorded ones, moved by the step's gain and by chance for each task and step. */
function trueSteps(
  base: readonly number[],
  k: number,
  { shape, random }: { shape: Shape; random: Random },
): number[][] {
  return Array.from({ length: k }, (_, step) => {
    // A rise that is over after half of the steps: the second half are ties but for the tasks' own ups and downs.
    const gain = shape === 'flat' ? 0 : -1 * Math.max(0, 1 - step / (k / 2));
    return base.map((rate) => {
      const kept = Math.min(1 - 1e-9, Math.max(1e-9, rate));
      const logit = Math.log(kept / (1 - kept)) + gain + 0.3 * normalDraw(random);
      return 1 / (1 + Math.exp(-logit));
    });
  });
}

const average = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / Math.max(1, values.length);

const attempt = (rates: readonly number[], n: number, random: Random): number[][] =>
  rates.map((rate) => Array.from({ length: n }, () => Number(random() < rate)));

function estimatesOf(rewards: readonly (readonly (readonly number[])[])[]): StepEstimate[] {
  return stepEstimates({ steps: [], tasks: (rewards[0] ?? []).map(String), rewards, unpaired: [] });
}

const percent = (value: number): string => (value * 100).toFixed(1);
const points = (value: number): string => `${value >= 0 ? '+' : ''}${(value * 100).toFixed(2)}`;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

function winnerRow(recorded: readonly RecordedTask[], { k, n, shape, simulations, seed }: Row): string {
  const random = createRandom(seed * 10_000 + k * 100 + n);
  const seen: number[] = [];
  const corrected: number[] = [];
  const holds = {
    naive: [] as number[],
    corrected: [] as number[],
    set: [] as number[],
    size: [] as number[],
  };
  for (let round = 0; round < simulations; round += 1) {
    const truth = trueSteps(drawRates(recorded, random), k, { shape, random });
    const means = truth.map(average);
    const steps = estimatesOf(truth.map((rates) => attempt(rates, n, random)));
    const winner = correctedWinner(steps);
    if (winner === null) continue;
    const real = means[winner.index] ?? 0;
    const half = 1.96 * (steps[winner.index]?.standardError ?? 0);
    seen.push(winner.seen - real);
    corrected.push(winner.corrected - real);
    holds.naive.push(Number(Math.abs(winner.seen - real) <= half));
    holds.corrected.push(Number(winner.interval.low <= real && real <= winner.interval.high));
    const set = bestSet(steps, { draws: 1000, seed: round });
    holds.set.push(Number(set.includes(means.indexOf(Math.max(...means)))));
    holds.size.push(set.length);
  }
  return `| ${shape} | ${k} | ${n} | ${points(average(seen))} | ${points(average(corrected))} | ${points(median(corrected))} | ${percent(average(holds.naive))} % | ${percent(average(holds.corrected))} % | ${percent(average(holds.set))} % | ${average(holds.size).toFixed(1)} |`;
}

/** Truth for new tasks: tasks are drawn from the recorded ones, whose steps' means over all of them are the truth. */
function bandRow(recorded: readonly RecordedTask[], { k, n, simulations, seed }: Row): string {
  const random = createRandom(seed * 10_000 + k * 100 + n);
  const covered = { means: [] as number[], differences: [] as number[], pointwise: [] as number[] };
  for (let round = 0; round < simulations; round += 1) {
    const truth = trueSteps(drawRates(recorded, random), k, { shape: 'rising', random });
    const picks = recorded.map(() => Math.floor(random() * recorded.length));
    const series = truth.map((rates) =>
      picks.map((task) => average(attempt([rates[task] ?? 0], n, random)[0] ?? [])),
    );
    const real = truth.map(average);
    const band = simultaneousBand(series, { draws: 500, seed: round });
    const rises = series
      .slice(1)
      .map((values, at) => values.map((value, task) => value - (series[at]?.[task] ?? 0)));
    const riseBand = simultaneousBand(rises, { draws: 500, seed: round });
    const holds = (points: typeof band, values: readonly number[]): number =>
      Number(points.every(({ low, high }, at) => low <= (values[at] ?? 0) && (values[at] ?? 0) <= high));
    covered.means.push(holds(band, real));
    covered.differences.push(
      holds(
        riseBand,
        real.slice(1).map((value, at) => value - (real[at] ?? 0)),
      ),
    );
    const narrow = band.map((point) => ({
      ...point,
      low: point.mean - 1.96 * point.standardError,
      high: point.mean + 1.96 * point.standardError,
    }));
    covered.pointwise.push(holds(narrow, real));
  }
  return `| ${k} | ${n} | ${percent(average(covered.pointwise))} % | ${percent(average(covered.means))} % | ${percent(average(covered.differences))} % |`;
}

/** Rounds of one attempt a task, the first of two: who is dropped when, what it costs, and whether the best is lost. */
function adaptiveRow(recorded: readonly RecordedTask[], { k, n, shape, simulations, seed }: Row): string {
  const random = createRandom(seed * 10_000 + k * 100 + n);
  const [lost, spent, gapAdaptive, gapGrid, holds] = [[], [], [], [], []] as [
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  for (let round = 0; round < simulations; round += 1) {
    const truth = trueSteps(drawRates(recorded, random), k, { shape, random });
    const means = truth.map(average);
    const given = means.map(() => 0);
    const all = truth.map((rates) => attempt(rates, n, random));
    let running = means.map((_, index) => index);
    let trials = 0;
    let last: StepEstimate[] = [];
    for (let round = 2; round <= n; round += 1) {
      trials += running.length * (round === 2 ? 2 : 1);
      for (const index of running) given[index] = round;
      last = estimatesOf(all.map((tasks) => tasks.map((rewards) => rewards.slice(0, round))));
      const looks = last.map((step, index) => (running.includes(index) ? step : null));
      running = stillInTheRunning(looks, { rounds: n - 1 });
    }
    const best = Math.max(...means);
    // What `curve` prints of such a sweep: every step with the attempts that it was given.
    const winner = correctedWinner(
      estimatesOf(all.map((tasks, index) => tasks.map((rewards) => rewards.slice(0, given[index])))),
    );
    const real = means[winner?.index ?? 0] ?? 0;
    holds.push(Number(winner !== null && winner.interval.low <= real && real <= winner.interval.high));
    lost.push(Number(!running.includes(means.indexOf(best))));
    spent.push(trials / (k * n));
    const pick = (candidates: readonly number[]): number =>
      candidates.reduce((a, b) => ((last[b]?.mean ?? 0) > (last[a]?.mean ?? 0) ? b : a));
    gapAdaptive.push(best - (means[pick(running)] ?? 0));
    gapGrid.push(best - (means[pick(means.map((_, index) => index))] ?? 0));
  }
  return `| ${shape} | ${k} | ${n} | ${percent(average(lost))} % | ${percent(1 - average(spent))} % | ${percent(average(gapAdaptive))} | ${percent(average(gapGrid))} | ${percent(average(holds))} % |`;
}

async function main(simulations: number, seed: number): Promise<void> {
  const recorded = await recordedTasks();
  const grid = (['flat', 'rising'] as const).flatMap((shape) =>
    [5, 10, 25].flatMap((k) => [3, 5].map((n) => ({ shape, k, n, simulations, seed }))),
  );
  console.log(`${simulations} simulations a row, seed ${seed}, ${recorded.length} tasks, level 95 %\n`);
  console.log(
    '| curve | steps | attempts | bias of the best mean | of the corrected, mean | of the corrected, median | ± 1.96 se of the best holds | corrected interval holds | set holds the best | steps in the set |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const row of grid) console.log(winnerRow(recorded, row));
  console.log(
    '\n| steps | attempts | pointwise ± 1.96 holds all | band holds all | band of neighbours’ differences holds all |',
  );
  console.log('| ---: | ---: | ---: | ---: | ---: |');
  for (const row of grid.slice(0, 6)) console.log(bandRow(recorded, row));
  console.log(
    '\n| curve | steps | attempts | best step lost | trials saved | chosen step below the best | the same, full grid | corrected interval holds |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const row of grid)
    console.log(adaptiveRow(recorded, { ...row, simulations: Math.ceil(simulations / 4) }));
}

await main(Number(process.argv[2] ?? 400), Number(process.argv[3] ?? 0));
