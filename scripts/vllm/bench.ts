import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { startCli, type CliResult, type RunningCli } from '../../test/integration/cli.js';
import type { VllmServer } from './server.js';

/** What is asked of a server here; a server that tbench itself started has it too. */
export type Asked = Pick<VllmServer, 'root' | 'baseUrl' | 'metric'>;

/** A folder for results, and the command line as a user calls it, against the model `candle`. */
export interface Bench extends AsyncDisposable {
  readonly results: string;
  readonly tbench: (args: readonly string[], env?: Readonly<Record<string, string>>) => RunningCli;
  readonly run: (server: Asked, job: string, ...args: readonly string[]) => RunningCli;
  readonly doctor: (
    server: Asked,
    env?: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ) => Promise<CliResult>;
}

export async function openBench(): Promise<Bench> {
  const results = await mkdtemp(resolve('.cache', 'test-vllm.'));
  const tbench: Bench['tbench'] = (args, env = {}) =>
    startCli(args, { OPENAI_API_KEY: '', OPENAI_BASE_URL: '', ...env });
  return {
    results,
    tbench,
    run: ({ baseUrl }, job, ...args) =>
      tbench([
        'run',
        '--model',
        'calibration:candle',
        '--base-url',
        baseUrl,
        '--results',
        results,
        '--job',
        job,
        ...args,
      ]),
    doctor: ({ baseUrl }, env = {}, ...args) =>
      tbench(
        [
          'doctor',
          '--base-url',
          baseUrl,
          ...(args.includes('--model') ? [] : ['--model', 'calibration:candle']),
          ...args,
        ],
        env,
      ).ended,
    [Symbol.asyncDispose]: () => rm(results, { recursive: true, force: true }),
  };
}

export function expectCode(result: CliResult, code: number): void {
  if (result.code !== code)
    throw new Error(`exit code ${result.code}, not ${code}\n${result.stdout}\n${result.stderr}`);
}

export function expectText(text: string, wanted: RegExp): string {
  const found = wanted.exec(text);
  if (found === null) throw new Error(`${String(wanted)} is not in:\n${text}`);
  return found[0].trim();
}

export async function untilRunning({ metric }: Asked): Promise<void> {
  for (let look = 0; look < 2400; look += 1) {
    if ((await metric('vllm:num_requests_running')) > 0) return;
    await sleep(25);
  }
  throw new Error('no request was running within a minute');
}

const resultSchema = z.object({
  tbench: z.object({ blame: z.string().nullable(), ending_detail: z.string().nullish() }),
  verifier_result: z.unknown(),
});

/** The result of the only trial of a job. */
export async function onlyResult(dir: string) {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.includes('__')) continue;
    const text = await readFile(join(dir, entry.name, 'result.json'), 'utf8');
    return { ...resultSchema.parse(JSON.parse(text)), text };
  }
  throw new Error(`no trial in ${dir}`);
}

const usageSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  turns: z.array(
    z.object({ prompt_tokens: z.number(), counted_tokens: z.number(), counted_exactly: z.boolean() }),
  ),
});

export interface Ledger {
  readonly turns: number;
  readonly prompt: number;
  readonly completion: number;
}

/** Sums a job's ledger. In every turn the size known before the request must be the server's own count after it. */
export async function readLedger(dir: string): Promise<Ledger> {
  let sum: Ledger = { turns: 0, prompt: 0, completion: 0 };
  const trials = await readdir(dir, { withFileTypes: true });
  for (const { name } of trials.filter((entry) => entry.isDirectory() && entry.name.includes('__'))) {
    const usage = usageSchema.parse(JSON.parse(await readFile(join(dir, name, 'agent/usage.json'), 'utf8')));
    for (const turn of usage.turns)
      if (!turn.counted_exactly || turn.counted_tokens !== turn.prompt_tokens)
        throw new Error(`${name}: counted ${turn.counted_tokens}, the server says ${turn.prompt_tokens}`);
    sum = {
      turns: sum.turns + usage.turns.length,
      prompt: sum.prompt + usage.prompt_tokens,
      completion: sum.completion + usage.completion_tokens,
    };
  }
  return sum;
}

/** The server's own counts since it started. */
export async function countersOf({ metric }: Asked): Promise<Omit<Ledger, 'turns'>> {
  return {
    prompt: await metric('vllm:prompt_tokens_total'),
    completion: await metric('vllm:generation_tokens_total'),
  };
}

/** A dataset of one sample task whose agent has so many seconds. */
export async function shortTask(bench: Bench, seconds: number): Promise<string> {
  const dir = join(bench.results, `short-${seconds}`);
  await cp('tasks/sample/rotate-backups', join(dir, 'rotate-backups'), { recursive: true });
  const toml = join(dir, 'rotate-backups', 'task.toml');
  const text = await readFile(toml, 'utf8');
  await writeFile(toml, text.replace(/(\[agent\]\ntimeout_sec = )[\d.]+/, `$1${seconds}.0`));
  return dir;
}
