/**
 * A process of its own, started by job.ts: makes 256 trials at once against the model server at argv[2], in sandboxes of memory, and
 * prints what its event loop and its memory were like while all of them waited. What is measured is tbench's own part.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { loadHarness } from '../../src/agent/harness/load-harness.js';
import { createModelAgent } from '../../src/agent/loop/model-agent.js';
import { startTicker } from '../../src/base/deadline.js';
import { runJob } from '../../src/job/run-job.js';
import { openModelService } from '../../src/model/service/open-model-service.js';
import type { Sandbox, SandboxSpec } from '../../src/sandbox/sandbox.js';
import { printed } from '../../test/doubles/agent-context.js';
import { CountingEngine, openJobBench } from '../../test/doubles/trial-tools.js';

/** What the process was like, from the moment when every trial had its first answer. */
export interface WaitingFigures {
  readonly delayMs: { readonly p50: number; readonly p99: number };
  readonly memoryMiB: readonly number[];
  readonly trials: number;
}

class EchoEngine extends CountingEngine {
  override async createSandbox(spec: SandboxSpec): Promise<Sandbox> {
    return { ...(await super.createSandbox(spec)), run: () => Promise.resolve(printed('done\n')) };
  }
}

const trials = 256;
const [, , baseUrl = ''] = process.argv;
const signal = new AbortController().signal;
await using bench = await openJobBench(trials);
await using models = await openModelService({
  model: 'tiny',
  baseUrls: [baseUrl],
  apiKey: null,
  concurrency: trials,
  redact: (text) => text,
  onEvent: () => undefined,
  signal,
});
const harness = await loadHarness('tmax');
const agent = createModelAgent({ harness, models, version: '0' });
const delay = monitorEventLoopDelay({ resolution: 5 });
const memoryMiB: number[] = [];
const ticker = startTicker(250, () => memoryMiB.push(process.memoryUsage.rss() / 2 ** 20));
let begun = 0;
const request = bench.request({
  model: { name: 'tiny', kind: 'live' },
  run: { agent: { kind: 'model', model: { name: 'tiny' } }, attempts: 1, concurrency: trials },
});
const report = await runJob(
  request,
  {
    ...bench.tools(agent, undefined, new EchoEngine()),
    emit: (event) => {
      if (event.kind !== 'trial-turn' || event.progress.turn !== 1) return;
      begun += 1;
      if (begun === trials) delay.enable();
    },
  },
  signal,
);
ticker.cancel();
const figures: WaitingFigures = {
  delayMs: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 },
  memoryMiB,
  trials: report.done,
};
process.stdout.write(JSON.stringify(figures));
