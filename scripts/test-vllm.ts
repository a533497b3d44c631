/**
 * A real vLLM on loopback, serving a model whose true pass rate is known (scripts/vllm/make_candle.py), and tbench held
 * against it: `npm run test:vllm`. Arguments: the virtual environment that has vLLM, the model's folder.
 */
import { mkdir } from 'node:fs/promises';
import process from 'node:process';
import { openBench } from './vllm/bench.js';
import { bodiesAsRecorded } from './vllm/bodies.js';
import { candle, ledgerIsExact } from './vllm/candle.js';
import { failures } from './vllm/failures.js';
import { served } from './vllm/served.js';
import { startVllm } from './vllm/server.js';
import { unfit } from './vllm/unfit.js';

const [, , venv = '', model = ''] = process.argv;
const log = '.cache/test-vllm-server.log';
let [passed, failed] = [0, 0];
await mkdir('.cache', { recursive: true });

async function holds(what: string, check: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  try {
    const said = await check();
    passed += 1;
    console.log(`ok: ${what} (${Math.round((performance.now() - began) / 1000)} s)`);
    if (typeof said === 'string') console.log(`    ${said}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED: ${what}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

await using bench = await openBench();
const start = { venv, model, log };
{
  await using server = await startVllm({ ...start, port: 18_190 });
  await holds("the server's answers are those on record", () => bodiesAsRecorded(server));
  await holds('the ledger is exact: 3 tasks × 2', () => ledgerIsExact(bench, server));
  await holds('12 tasks × 3 score what the model is worth', () => candle(bench, server, model));
}
for (const { what, check } of unfit) await holds(what, () => check(bench, start));
for (const { what, check } of served) await holds(what, () => check(bench, start));
for (const { what, check } of failures) await holds(what, () => check(bench, start));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
