import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadHarness } from '../../src/agent/harness/load-harness.js';
import { createModelAgent } from '../../src/agent/loop/model-agent.js';
import { sleep } from '../../src/base/deadline.js';
import { runJob } from '../../src/job/run-job.js';
import { openModelService } from '../../src/model/service/open-model-service.js';
import type { TrialResult } from '../../src/record/trial-result.js';
import type { Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';
import type { Verifier } from '../../src/verifier/verifier.js';
import { printed } from '../doubles/agent-context.js';
import { CountingEngine, openJobBench, verifierOf } from '../doubles/trial-tools.js';
import { FakeVllm, type SeenRequest } from '../doubles/vllm/fake-vllm.js';
import { engineDeadChunk, engineDeadErrors, transientErrors, type Fault } from '../doubles/vllm/faults.js';
import type { ModelReply } from '../doubles/vllm/generate.js';

const tasks = 100;
const attempts = 2;
const tmax = await loadHarness('tmax');

/** Sandboxes that add up what they are told to add; the sum is what the verifier looks at. */
class AddingEngine extends CountingEngine {
  readonly commands = new Map<string, string[]>();

  override async createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    const commands: string[] = [];
    this.commands.set(spec.owner.trial, commands);
    return {
      ...(await super.createSandbox(spec)),
      run: (command) => {
        commands.push(command);
        return Promise.resolve(printed(`${command}\n`));
      },
    };
  }
}

function sumOf(commands: readonly string[]): number {
  return commands.reduce((sum, command) => sum + Number(/^add (\d+)$/.exec(command)?.[1] ?? 0), 0);
}

function verifierOfSums(engine: AddingEngine): Verifier {
  const verifier = verifierOf(0);
  return {
    ...verifier,
    verify: async (request) => {
      const reward = (sumOf(engine.commands.get(request.environment.main.id) ?? []) % 5) / 4;
      return {
        ...(await verifier.verify(request)),
        rewards: { reward },
        rewardText: String(reward),
        rawReward: reward,
        effectiveReward: reward,
      };
    },
  };
}

/** A model that depends on the conversation alone: how many turns it takes and what it adds differ by trial. */
function adder(request: SeenRequest): ModelReply {
  const [, task = '', attempt = ''] =
    /task-(\d+)__(\d+)/.exec(String(request.headers['x-tbench-trial'])) ?? [];
  const seed = Number(task) * 7 + Number(attempt) * 3;
  const turn = request.body.messages.filter(({ role }) => role === 'assistant').length;
  if (seed % 11 === 0 && turn === 1) return { content: 'THOUGHT: I forgot to call a tool.' };
  if (turn >= 2 + (seed % 4)) return { thought: 'Done.', command: `echo ${tmax.submit.marker}` };
  return { thought: `Turn ${turn}.`, content: 'THOUGHT: add.', command: `add ${seed + turn}` };
}

/** The same numbers every time: mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const troubles: readonly Fault[] = [
  ...Object.values(transientErrors),
  ...Object.values(engineDeadErrors),
  { kind: 'error-in-stream', body: engineDeadChunk, afterChunks: 3 },
  { kind: 'error-in-stream', body: '{"object":"error","message":"boom","code":500}', afterChunks: 1 },
  { kind: 'hang-before' },
  { kind: 'hang-after-headers' },
  { kind: 'hang-in-stream', afterChunks: 2 },
  { kind: 'slow', msPerChunk: 5 },
  { kind: 'drop-before' },
  { kind: 'drop-in-stream', afterChunks: 2 },
  { kind: 'end-early', afterChunks: 2 },
  { kind: 'garbage-chunk' },
];

interface Ran {
  readonly results: ReadonlyMap<string, TrialResult>;
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly outages: number;
}

async function run(server: FakeVllm): Promise<Ran> {
  await using bench = await openJobBench(tasks);
  const engine = new AddingEngine();
  let outages = 0;
  await using models = await openModelService({
    model: 'qwen',
    baseUrls: [server.baseUrl],
    apiKey: null,
    concurrency: 24,
    idleTimeoutMs: 500,
    outagePollMs: 10,
    retryPolicy: { maxTries: 12, baseMs: 2, capMs: 20, retryAfterCapMs: 100 },
    redact: (text) => text,
    onEvent: (event) => {
      if (event.kind === 'outage-start') outages += 1;
    },
    signal: new AbortController().signal,
  });
  const agent = createModelAgent({ harness: tmax, models, version: '0' });
  const model = { name: 'qwen', kind: 'live' } as const;
  const run = { agent: { kind: 'model', model: { name: 'qwen' } }, attempts, concurrency: 40 } as const;
  const request = bench.request({ model, run });
  const tools = bench.tools(agent, verifierOfSums(engine), engine);
  const report = await runJob(request, tools, new AbortController().signal);
  return { results: await readResults(report.dir), commands: engine.commands, outages };
}

async function readResults(dir: string): Promise<ReadonlyMap<string, TrialResult>> {
  const names = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  return new Map(
    await Promise.all(
      names.map(async ({ name }) => {
        const text = await readFile(join(dir, name, 'result.json'), 'utf8');
        return [name, JSON.parse(text) as TrialResult] as const;
      }),
    ),
  );
}

/** Restarts the server, and lets its engine die and come back, until told to stop. */
async function shake(server: FakeVllm, random: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(300 + random() * 400);
    if (random() < 0.5) {
      await server.stop();
      await sleep(100);
      await server.listen();
    } else {
      server.health = 'dead';
      await sleep(100);
      server.health = 'ok';
    }
  }
}

function essence({ results, commands }: Ran): unknown {
  return [...results.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { verifier_result, tbench }]) => ({
      name,
      reward: verifier_result?.rewards['reward'],
      ending: tbench.ending,
      blame: tbench.blame,
      turns: tbench.totals['turns'],
      formatErrors: tbench.totals['formatErrors'],
      commands: commands.get(name),
    }));
}

describe('200 trials', () => {
  test(
    'end as if nothing had happened when the server misbehaves all the while',
    { timeout: 240_000 },
    async () => {
      await using calm = await FakeVllm.start({ reply: adder });
      const expected = await run(calm);
      expect(expected.results.size).toBe(tasks * attempts);

      const random = seededRandom(20_260_101);
      await using stormy = await FakeVllm.start({
        reply: adder,
        fault: () => (random() < 0.25 ? (troubles[Math.floor(random() * troubles.length)] ?? null) : null),
      });
      const stop = new AbortController();
      const shaking = shake(stormy, random, stop.signal);
      const survived = await run(stormy).finally(() => stop.abort());
      await shaking;

      expect(essence(survived)).toEqual(essence(expected));
      const results = [...survived.results.values()];
      expect(new Set(results.map((result) => result.verifier_result?.rewards['reward'])).size).toBe(5);
      expect(
        results.every(({ exception_info, tbench }) => exception_info === null && tbench.tries === 1),
      ).toBe(true);
      const retries = results.reduce((sum, { tbench }) => sum + (tbench.totals['requestRetries'] ?? 0), 0);
      expect(retries).toBeGreaterThan(100);
      expect(survived.outages).toBeGreaterThan(0);
      expect(results.some(({ tbench }) => (tbench.clock?.outage_ms ?? 0) > 0)).toBe(true);
    },
  );
});
