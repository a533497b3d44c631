/**
 * Simulates in which order the trials of a job are best started, on the durations of four recorded jobs over 89 tasks:
 * makespan over its lower bound max(sum / slots, longest), mean over the jobs, for the order of the listing, the longest
 * timeout first, what tbench does with the other three jobs as its past, and the true durations, which nobody knows.
 * Prints the Markdown table of docs/benchmarks.md. Usage: tsx scripts/simulate-order.ts [FILE]
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { mean } from '../src/base/number/mean.js';
import type { Task } from '../src/dataset/task.js';
import type { PlannedTrial } from '../src/job/planned-trial.js';
import { planTrials } from '../src/job/plan.js';
import { makespan } from '../src/job/schedule/makespan.js';

const recordedSchema = z.object({
  agentTimeouts: z.record(z.string(), z.number()),
  jobs: z.record(z.string(), z.record(z.string(), z.array(z.number().nullable()))),
});
type Recorded = z.infer<typeof recordedSchema>;
/** Seconds of each attempt by task; what a sleeping machine spoilt is the mean of the task's other attempts. */
type Durations = ReadonlyMap<string, readonly number[]>;

const slotCounts = [8, 16, 32, 64];

const orders: Readonly<
  Record<string, (tasks: Task[], attempts: number, own: Durations, others: Durations[]) => PlannedTrial[]>
> = {
  'as listed, attempt by attempt': (tasks, attempts) =>
    [...planTrials(tasks, attempts)].sort(
      (a, b) => a.attempt - b.attempt || (a.task.name < b.task.name ? -1 : 1),
    ),
  'longest timeout first (no past)': (tasks, attempts) => [...planTrials(tasks, attempts)],
  "tbench's, past of three other models": (tasks, attempts, _own, others) => [
    ...planTrials(tasks, attempts, meansOf(others)),
  ],
  "tbench's, past of one other model": (tasks, attempts, _own, others) => [
    ...planTrials(tasks, attempts, meansOf(others.slice(0, 1))),
  ],
  'true durations': (tasks, attempts, own) =>
    [...planTrials(tasks, attempts)].sort((a, b) => secondsOf(own, b) - secondsOf(own, a)),
};

function meansOf(jobs: readonly Durations[]): Map<string, number> {
  const names = new Set(jobs.flatMap((job) => [...job.keys()]));
  const of = (name: string): number => mean(jobs.flatMap((job) => job.get(name) ?? [])) * 1000;
  return new Map([...names].map((name) => [name, of(name)]));
}

function secondsOf(durations: Durations, { task, attempt }: PlannedTrial): number {
  return durations.get(task.name)?.[attempt - 1] ?? 0;
}

function cleaned(job: Recorded['jobs'][string]): Durations {
  return new Map(
    Object.entries(job).map(([task, seconds]) => {
      const known = seconds.filter((value) => value !== null);
      return [task, seconds.map((value) => value ?? mean(known))];
    }),
  );
}

/** One cell of the table: mean over the jobs of makespan over its bound. */
export interface SimulatedOrder {
  readonly attempts: number;
  readonly order: string;
  readonly slots: number;
  readonly ratio: number;
}

/** Every order, for 5 and 3 attempts and each number of slots, over the durations in a file. */
export async function simulateOrders(file: string): Promise<readonly SimulatedOrder[]> {
  const { agentTimeouts, jobs } = recordedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const tasks = Object.entries(agentTimeouts).map(
    ([name, seconds]) => ({ name, steps: [], agent: { timeoutMs: seconds * 1000 } }) as unknown as Task,
  );
  const durations = Object.values(jobs).map(cleaned);
  const ratios = (attempts: number, slots: number, order: (typeof orders)[string]): number[] =>
    durations.map((own) => {
      const others = durations.filter((other) => other !== own);
      const seconds = order(tasks, attempts, own, others).map((trial) => secondsOf(own, trial));
      const sum = seconds.reduce((all, value) => all + value, 0);
      return makespan(seconds, slots) / Math.max(sum / slots, ...seconds);
    });
  return [5, 3].flatMap((attempts) =>
    Object.entries(orders).flatMap(([name, order]) =>
      slotCounts.map((slots) => ({
        attempts,
        order: name,
        slots,
        ratio: mean(ratios(attempts, slots, order)),
      })),
    ),
  );
}

async function main(file: string): Promise<void> {
  const rows = await simulateOrders(file);
  console.log(`| attempts | order | ${slotCounts.map((slots) => `${slots} at once`).join(' | ')} |`);
  console.log(`|---|---|${slotCounts.map(() => '--:|').join('')}`);
  for (let at = 0; at < rows.length; at += slotCounts.length) {
    const cells = rows.slice(at, at + slotCounts.length).map(({ ratio }) => ratio.toFixed(3));
    console.log(`| ${rows[at]?.attempts ?? ''} | ${rows[at]?.order ?? ''} | ${cells.join(' | ')} |`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await main(process.argv[2] ?? 'test/fixtures/trial-durations.json');
