import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { expectCode, expectText, type Bench } from './bench.js';
import { askedAt, type Start } from './server.js';
import type { Check } from './unfit.js';

/** Short of room: the server that `tbench serve` starts works on one request and lets one wait. */
const options = '--dtype bfloat16 --enforce-eager --max-num-seqs 1 --max-num-queued-reqs 1'.split(' ');

async function serveAndRun(bench: Bench, { venv, model }: Omit<Start, 'port'>): Promise<string> {
  const port = 18_193;
  const log = join(bench.results, 'served.log');
  const name = ['--served-model-name', 'calibration:candle', '--tool-call-parser', 'qwen3_xml'];
  const serving = bench.tbench(
    ['serve', model, '--exec', '--port', String(port), '--log', log, ...name, '--', ...options],
    {
      PATH: `${venv}/bin:${process.env['PATH'] ?? ''}`,
      VLLM_CPU_KVCACHE_SPACE: '1',
      VLLM_NO_USAGE_STATS: '1',
      HF_HUB_OFFLINE: '1',
    },
  );
  await serving.saw('ready: tbench run --model calibration:candle');
  const server = askedAt(port);
  const run = bench.run(server, 'queue', '--dataset', 'sample', '--attempts', '1', '--concurrency', '6');
  const result = await run.ended;
  expectCode(result, 0);
  const refused = await server.metric('vllm:admission_rejections_total');
  if (refused === 0) throw new Error('the queue was never full');
  expectText(result.stdout, /12 of 12 planned trials measured/);
  serving.process.kill('SIGINT');
  expectCode(await serving.ended, 130);
  const left = await fetch(`${server.root}/health`).catch(() => null);
  if (left !== null) throw new Error('the server still answers after Ctrl-C');
  expectText(await readFile(log, 'utf8'), /Application startup complete/);
  return `12 of 12 measured beside ${refused} refusals (503); Ctrl-C ended the server; its log is kept`;
}

export const served: readonly Check[] = [
  { what: 'serve --exec, and a queue that is full', check: serveAndRun },
];
