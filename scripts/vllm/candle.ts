import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { countersOf, expectCode, readLedger, type Asked, type Bench, type Ledger } from './bench.js';

/** Runs a job to its end. What the server counted meanwhile, without the canary before its first trial, is the ledger. */
async function countedRun(
  bench: Bench,
  server: Asked,
  job: string,
  args: readonly string[],
): Promise<Ledger> {
  const run = bench.run(server, job, '--dataset', 'sample', '--concurrency', '4', ...args);
  await run.saw(`job ${job}`);
  const before = await countersOf(server);
  const result = await run.ended;
  expectCode(result, 0);
  if (!`${result.stdout}${result.stderr}`.includes('not an evaluation'))
    throw new Error(`not labelled:\n${result.stdout}`);
  const after = await countersOf(server);
  const ledger = await readLedger(join(bench.results, job));
  for (const key of ['prompt', 'completion'] as const)
    if (after[key] - before[key] !== ledger[key])
      throw new Error(`${key}: the server counts ${after[key] - before[key]}, the ledger ${ledger[key]}`);
  return ledger;
}

const told = ({ turns, prompt, completion }: Ledger): string =>
  `${turns} turns, ${prompt} + ${completion} tokens in ledger and server`;

export async function ledgerIsExact(bench: Bench, server: Asked): Promise<string> {
  const tasks = ['open-vault-quickly', 'write-jq-report', 'rotate-backups'].flatMap((name) => [
    '--tasks',
    name,
  ]);
  return told(await countedRun(bench, server, 'ledger', ['--attempts', '2', ...tasks]));
}

const scoreSchema = z.object({
  jobs: z
    .array(
      z.object({
        is_evaluation: z.literal(false),
        mean: z.number(),
        std: z.number(),
        n_trials: z.number(),
        runs: z.array(z.number()),
        pass_at_k: z.record(z.string(), z.number()).optional(),
      }),
    )
    .length(1),
});

/**
 * Each trial passes with the same probability, so what is printed must lie where the binomial says. The bounds are those
 * that chance oversteps once in ten thousand runs: 3.9 deviations of a mean of 36, the chi-square of three means of twelve,
 * and for pass@2 and pass@3 the mean over twelve tasks of a number between 0 and 1 that is 1 with the probability known.
 */
export async function candle(bench: Bench, server: Asked, model: string): Promise<string> {
  const file = JSON.parse(await readFile(join(model, 'candle.json'), 'utf8')) as unknown;
  const { pass_rate: rate } = z.object({ pass_rate: z.number() }).parse(file);
  const ledger = await countedRun(bench, server, 'candle', ['--attempts', '3']);
  const score = await bench.tbench(['score', join(bench.results, 'candle'), '--json']).ended;
  const job = scoreSchema.parse(JSON.parse(score.stdout)).jobs[0]!;
  if (job.n_trials !== 36) throw new Error(`${job.n_trials} trials`);
  within('mean', job.mean, rate, 3.9 * Math.sqrt((rate * (1 - rate)) / 36));
  const ofRun = Math.sqrt((rate * (1 - rate)) / 12);
  within('std over runs', job.std, 0, ofRun * Math.sqrt(18.4 / 3));
  for (const [k, value] of Object.entries(job.pass_at_k ?? {})) {
    const p = 1 - (1 - rate) ** Number(k);
    within(`pass@${k}`, value, p, 3.9 * Math.sqrt((p * (1 - p)) / 12));
  }
  const runs = job.runs.map((run) => run.toFixed(2)).join(', ');
  return `true ${rate.toFixed(3)}, measured ${job.mean.toFixed(3)} ± ${job.std.toFixed(3)} over runs of ${runs}; pass@k ${JSON.stringify(job.pass_at_k)}; ${told(ledger)}`;
}

function within(what: string, value: number, wanted: number, most: number): void {
  if (!(Math.abs(value - wanted) <= most))
    throw new Error(`${what} ${value}, not within ${most} of ${wanted}`);
}
