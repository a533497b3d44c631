/**
 * A real vLLM on loopback, serving a model whose true pass rate is known (scripts/vllm/make_candle.py), and tbench held
 * against it: `npm run test:vllm`. Arguments: the virtual environment that has vLLM, the model's folder.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile, cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startCli, type CliResult } from '../test/integration/cli.js';
import { recordedRequests, type RecordedRequest } from './vllm/requests.js';

const [, , venv = '', model = ''] = process.argv;
const port = 18_190;
const root = `http://127.0.0.1:${port}`;
const baseUrl = `${root}/v1`;
const results = await mkdtemp(resolve('.cache', 'test-vllm.'));
let [passed, failed] = [0, 0];

await using server = await startServer();
await holds('the bodies of its answers are those on record', bodiesAsRecorded);
await holds('doctor finds nothing wrong', async () => expectCode(await doctor('candle'), 0));
await holds('doctor tells an unknown model', async () => {
  const told = await doctor('nope');
  expectCode(told, 3);
  if (!told.stdout.includes('nope')) throw new Error(told.stdout);
});
await holds('a run of 12 tasks × 3 scores what the model is worth', candle);
await holds('Ctrl-C leaves no request running after a second', interrupted);
await holds('a frozen server is infrastructure’s, not the model’s', frozen);
await holds('a server gone for good ends the job unmeasured, with exit code 3', gone);
await rm(results, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function holds(what: string, check: () => Promise<unknown>): Promise<void> {
  try {
    const said = await check();
    passed += 1;
    console.log(`ok: ${what}${typeof said === 'string' ? `\n    ${said}` : ''}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${what}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Server extends AsyncDisposable {
  /** To the engine and its workers, not to the HTTP server before them. */
  signalEngine(name: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** The server and its engine are one process group, which is signalled whole. */
async function startServer(): Promise<Server> {
  const log = createWriteStream('.cache/test-vllm-server.log');
  const child: ChildProcess = spawn('bash', ['scripts/vllm/start.sh', venv, model, String(port)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // The group is empty.
    }
  };
  const signalEngine = async (name: NodeJS.Signals): Promise<void> => {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,pgid=']);
    for (const line of stdout.split('\n')) {
      const [pid, group] = line.trim().split(/\s+/).map(Number);
      if (pid !== undefined && group === child.pid && pid !== child.pid) process.kill(pid, name);
    }
  };
  const end = (): Promise<void> => {
    signal('SIGKILL');
    return Promise.resolve();
  };
  process.once('exit', () => void end());
  for (let look = 0; look < 600; look += 1) {
    if (child.exitCode !== null) throw new Error('vllm ended: see .cache/test-vllm-server.log');
    if ((await fetch(`${root}/health`).catch(() => null))?.ok === true) {
      return { signal, signalEngine, [Symbol.asyncDispose]: end };
    }
    await sleep(1000);
  }
  signal('SIGKILL');
  throw new Error('vllm did not answer within ten minutes: see .cache/test-vllm-server.log');
}

async function bodiesAsRecorded(): Promise<string> {
  const recorded = z
    .array(z.object({ server: z.string(), request: z.string(), status: z.number(), body: z.string() }))
    .parse(JSON.parse(await readFile('test/fixtures/model-server-bodies.json', 'utf8')));
  const changed: string[] = [];
  let asked = 0;
  for (const { server: from, request, status, body } of recorded) {
    const wanted = recordedRequests[request];
    if (!from.startsWith('vllm') || wanted === undefined) continue;
    asked += 1;
    const answer = await ask(wanted);
    const expected = body.replaceAll('allenai/qwen35-9b-swesmith', 'candle');
    if (answer.status !== status || answer.body !== expected)
      changed.push(`${request}\n  was ${status} ${expected}\n  is  ${answer.status} ${answer.body}`);
  }
  if (changed.length > 0) throw new Error(changed.join('\n'));
  return `${asked} answers`;
}

async function ask({ path, method, body }: RecordedRequest): Promise<{ status: number; body: string }> {
  const response = await fetch(`${root}${path}`, {
    method: method ?? 'POST',
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  return { status: response.status, body: await response.text() };
}

function tbench(args: readonly string[]): Promise<CliResult> {
  return startCli(args, { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' }).ended;
}

function runOf(job: string, ...args: readonly string[]): string[] {
  return ['run', '--model', 'candle', '--base-url', baseUrl, '--results', results, '--job', job, ...args];
}

function doctor(name: string): Promise<CliResult> {
  return tbench(['doctor', '--model', name, '--base-url', baseUrl]);
}

function expectCode(result: CliResult, code: number): void {
  if (result.code !== code)
    throw new Error(`exit code ${String(result.code)}\n${result.stdout}${result.stderr}`);
}

/** A counter or gauge of /metrics, summed over its labels. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${root}/metrics`)).text();
  const values = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/**
 * Each trial passes with the same probability, so what is printed must lie where the binomial says. The bounds are those
 * that chance oversteps once in ten thousand runs: 36 trials, three means of twelve.
 */
async function candle(): Promise<string> {
  const rate = z
    .object({ pass_rate: z.number() })
    .parse(JSON.parse(await readFile(join(model, 'candle.json'), 'utf8'))).pass_rate;
  const before = await tokens();
  expectCode(
    await tbench(runOf('candle', '--dataset', 'sample', '--attempts', '3', '--concurrency', '4')),
    0,
  );
  const after = await tokens();
  const ledger = await checkLedger('candle');
  // The canary of the preflight stands in no trial's ledger.
  for (const key of ['prompt', 'completion'] as const)
    if (Math.abs(after[key] - before[key] - ledger[key]) > 2_000)
      throw new Error(
        `${key} tokens: the server counts ${after[key] - before[key]}, the ledger ${ledger[key]}`,
      );
  const scored = await tbench(['score', join(results, 'candle'), '--json']);
  const [job] = z
    .object({
      jobs: z.array(
        z.object({ mean: z.number(), std: z.number(), n_trials: z.number(), runs: z.array(z.number()) }),
      ),
    })
    .parse(JSON.parse(scored.stdout)).jobs;
  if (job === undefined) throw new Error('no job');
  const deviation = Math.sqrt((rate * (1 - rate)) / job.n_trials);
  if (job.n_trials !== 36 || Math.abs(job.mean - rate) > 3.9 * deviation)
    throw new Error(`mean ${job.mean} of ${job.n_trials} trials; the model is worth ${rate}`);
  const ofRun = Math.sqrt((rate * (1 - rate)) / 12);
  if (job.std > ofRun * Math.sqrt(18.4 / 3)) throw new Error(`std over runs ${job.std}, of a run ${ofRun}`);
  return `true ${rate.toFixed(3)}, measured ${job.mean.toFixed(3)} ± ${job.std.toFixed(3)} over runs of ${job.runs.map((run) => run.toFixed(2)).join(', ')}; ${ledger.turns} turns, ${ledger.prompt} + ${ledger.completion} tokens, the server's count ${after.prompt - before.prompt} + ${after.completion - before.completion}`;
}

async function tokens(): Promise<{ prompt: number; completion: number }> {
  return {
    prompt: await metric('vllm:prompt_tokens_total'),
    completion: await metric('vllm:generation_tokens_total'),
  };
}

const usageSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  turns: z.array(
    z.object({ prompt_tokens: z.number(), counted_tokens: z.number(), counted_exactly: z.boolean() }),
  ),
});

/** In every turn the size known before the request is the server's own count after it. */
async function checkLedger(job: string): Promise<{ turns: number; prompt: number; completion: number }> {
  const sum = { turns: 0, prompt: 0, completion: 0 };
  const trials = await readdir(join(results, job), { withFileTypes: true });
  for (const { name } of trials.filter((entry) => entry.isDirectory())) {
    const usage = usageSchema.parse(
      JSON.parse(await readFile(join(results, job, name, 'agent/usage.json'), 'utf8')),
    );
    for (const turn of usage.turns)
      if (!turn.counted_exactly || turn.counted_tokens !== turn.prompt_tokens)
        throw new Error(`${name}: counted ${turn.counted_tokens}, the server says ${turn.prompt_tokens}`);
    sum.turns += usage.turns.length;
    sum.prompt += usage.prompt_tokens;
    sum.completion += usage.completion_tokens;
  }
  return sum;
}

async function untilRunning(): Promise<void> {
  for (let look = 0; look < 1200; look += 1) {
    if ((await metric('vllm:num_requests_running')) > 0) return;
    await sleep(50);
  }
  throw new Error('no request was running within a minute');
}

async function interrupted(): Promise<string> {
  const run = startCli(runOf('stopped', '--dataset', 'sample', '--attempts', '3', '--concurrency', '4'));
  await untilRunning();
  const began = performance.now();
  run.process.kill('SIGINT');
  while ((await metric('vllm:num_requests_running')) > 0) {
    if (performance.now() - began > 1_000) throw new Error('requests run a second after Ctrl-C');
    await sleep(20);
  }
  const took = Math.round(performance.now() - began);
  expectCode(await run.ended, 130);
  return `${took} ms`;
}

/** A task of 25 seconds: the agent's time ends while the stopped engine says nothing. */
async function shortTask(): Promise<string> {
  const dir = join(results, 'short');
  await cp('tasks/sample/rotate-backups', join(dir, 'rotate-backups'), { recursive: true });
  const toml = join(dir, 'rotate-backups', 'task.toml');
  const text = await readFile(toml, 'utf8');
  await writeFile(toml, text.replace(/(\[agent\]\ntimeout_sec = )[\d.]+/, '$125.0'));
  return dir;
}

async function frozen(): Promise<string> {
  const run = startCli(runOf('frozen', '--dataset', await shortTask(), '--attempts', '1', '--retries', '0'));
  await run.saw('job frozen');
  await untilRunning();
  await server.signalEngine('SIGSTOP');
  const result = await run.ended.finally(() => server.signalEngine('SIGCONT'));
  expectCode(result, 3);
  const stored = await readFile(join(results, 'frozen', 'rotate-backups__1', 'result.json'), 'utf8');
  const { tbench: own, verifier_result } = z
    .object({ tbench: z.object({ blame: z.string().nullable() }), verifier_result: z.unknown() })
    .parse(JSON.parse(stored));
  if (own.blame !== 'infrastructure' || verifier_result !== null) throw new Error(stored);
  return `blame ${own.blame}, no reward`;
}

async function gone(): Promise<void> {
  const dataset = ['--dataset', 'sample', '--attempts', '1', '--outage-limit', '0.2'];
  const run = startCli(runOf('gone', ...dataset));
  await untilRunning();
  server.signal('SIGKILL');
  expectCode(await run.ended, 3);
}
