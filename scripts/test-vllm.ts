/**
 * A real vLLM on loopback, serving a model whose true pass rate is known (scripts/vllm/make_candle.py), and tbench held
 * against it: `npm run test:vllm [-- TEXT...]`; a TEXT picks the checks whose names hold it. Arguments before those: the
 * virtual environment that has vLLM, the model's folder.
 */
import { mkdir } from 'node:fs/promises';
import process from 'node:process';
import { openBench } from './vllm/bench.js';
import { bodiesAsRecorded } from './vllm/bodies.js';
import { candle, ledgerIsExact } from './vllm/candle.js';
import { failures } from './vllm/failures.js';
import { served } from './vllm/served.js';
import { startVllm, type VllmServer } from './vllm/server.js';
import { unfit, type Check } from './vllm/unfit.js';

const [, , venv = '', model = '', ...picked] = process.argv;
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

const isPicked = (what: string): boolean => picked.length === 0 || picked.some((text) => what.includes(text));

await using bench = await openBench();
const start = { venv, model, log };
const onOneServer = [
  ["the server's answers are those on record", bodiesAsRecorded],
  ['the ledger is exact: 3 tasks × 2', (server) => ledgerIsExact(bench, server)],
  ['12 tasks × 3 score what the model is worth', (server) => candle(bench, server, model)],
] satisfies [string, (server: VllmServer) => Promise<unknown>][];
const asked = onOneServer.filter(([what]) => isPicked(what));
if (asked.length > 0) {
  await using server = await startVllm({ ...start, port: 18_190 });
  for (const [what, check] of asked) await holds(what, () => check(server));
}
const onTheirOwn: readonly Check[] = [...unfit, ...served, ...failures];
for (const { what, check } of onTheirOwn.filter(({ what }) => isPicked(what)))
  await holds(what, () => check(bench, start));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
