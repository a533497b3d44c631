import { fork, type ChildProcess } from 'node:child_process';
import { once, setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AgentClock } from '../src/base/agent-clock.js';
import type { Harness } from '../src/agent/harness/harness.js';
import { loadHarness } from '../src/agent/harness/load-harness.js';
import { createModelAgent } from '../src/agent/loop/model-agent.js';
import { sleep } from '../src/base/deadline.js';
import type { ChatRequest } from '../src/model/chat-model.js';
import { openModelService, type OpenModelService } from '../src/model/service/open-model-service.js';
import { agentContext, printed, tableSandbox } from '../test/doubles/agent-context.js';
import { figure, type Figure } from './figure.js';

const turns = 60;
const rounds = 5;
const waiting = 256;
/** With the turns' own text, about 48,000 tokens on average. */
const historyChars = 130_000;

/**
 * What the host spends on a model: CPU time and bytes of a turn of the whole loop with a 48k-token history
 * (tokenizer request, streamed answer of 300 chunks, parsing, bookkeeping), and the memory of a trial that waits
 * for a slow stream while 255 others do. The server is another process.
 */
export async function model(): Promise<readonly Figure[]> {
  const server = fork(fileURLToPath(new URL('./model-server.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  try {
    const { port } = await answerOf<{ port: number }>(server);
    await using service = await open(`http://127.0.0.1:${port}/v1`);
    const cpuMs: number[] = [];
    await runTurns(service);
    const before = await traffic(server);
    for (let round = 0; round < rounds; round += 1) cpuMs.push(...(await runTurns(service)));
    const after = await traffic(server);
    const sentKib = (after.receivedBytes - before.receivedBytes) / (rounds * turns) / 1024;
    return [
      figure('model: host CPU a turn, 48k-token history', 'ms', cpuMs),
      figure('model: sent a turn (count and request), 48k-token history', 'KiB', [sentKib]),
      figure(`model: memory a waiting trial, ${waiting} slow streams`, 'MiB', [
        await memoryPerStream(service),
      ]),
    ];
  } finally {
    server.kill();
  }
}

function open(baseUrl: string): Promise<OpenModelService> {
  return openModelService({
    model: 'bench',
    baseUrls: [baseUrl],
    apiKey: null,
    concurrency: waiting,
    redact: (text) => text,
    onEvent: () => undefined,
    signal: new AbortController().signal,
  });
}

/** CPU milliseconds of one turn, averaged over a trial of 60. */
async function runTurns(models: OpenModelService): Promise<readonly number[]> {
  const tmax = await loadHarness('tmax');
  const harness: Harness = {
    ...tmax,
    budget: { ...tmax.budget, totalTokens: 262_144 },
    limits: { ...tmax.limits, turns },
  };
  using context = agentContext({
    task: { name: 'bench', instruction: terminalOutput(historyChars) },
    sandbox: tableSandbox(() => printed('total 0\n')),
  });
  const start = process.cpuUsage();
  const { totals } = await createModelAgent({ harness, models, version: '0' }).run(context);
  const { user, system } = process.cpuUsage(start);
  if (totals.turns !== turns) throw new Error(`the bench trial ended after ${totals.turns} turns`);
  return [(user + system) / 1000 / turns];
}

/** MiB of live memory a trial adds while it waits for its stream, its own history included. */
async function memoryPerStream(service: OpenModelService): Promise<number> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const before = liveBytes();
  const pending = Array.from({ length: waiting }, async (_, index) => {
    await using line = await service.openTrial({
      task: 'bench',
      attempt: index + 1,
      name: `bench__${index}`,
    });
    using clock = new AgentClock(null, 'wall', stop.signal);
    await line.complete(slowRequest(index), { clock }).catch(() => undefined);
  });
  await sleep(4000);
  const mebibytes = (liveBytes() - before) / waiting / 2 ** 20;
  stop.abort(new Error('measured'));
  await Promise.all(pending);
  return mebibytes;
}

function slowRequest(index: number): ChatRequest {
  const content = `${index}\n${terminalOutput(historyChars)}`;
  return { messages: [{ role: 'user', content }], tools: [], sampling: { seed: 1 }, maxTokens: 16_384 };
}

function terminalOutput(chars: number): string {
  const line = '-rw-r--r-- 1 root root 1234 Jan  1 00:00 file.txt\n';
  // A copy of its own, as real output is, not a rope of shared pieces.
  return Buffer.from(line.repeat(Math.ceil(chars / line.length))).toString('latin1');
}

function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function traffic(server: ChildProcess): Promise<{ requests: number; receivedBytes: number }> {
  server.send('traffic');
  return answerOf(server);
}

async function answerOf<T>(server: ChildProcess): Promise<T> {
  const [message] = (await once(server, 'message')) as [T];
  return message;
}
