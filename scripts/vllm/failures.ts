import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectCode, expectText, onlyResult, shortTask, untilRunning, type Bench } from './bench.js';
import { startVllm, type Start, type VllmServer } from './server.js';
import type { Check } from './unfit.js';

type Starts = Omit<Start, 'port'>;

async function interrupted(bench: Bench, server: VllmServer): Promise<string> {
  const run = bench.run(server, 'stopped', '--dataset', 'sample', '--attempts', '3');
  await run.saw('job stopped');
  await untilRunning(server);
  const began = performance.now();
  run.process.kill('SIGINT');
  while ((await server.metric('vllm:num_requests_running')) > 0) {
    if (performance.now() - began > 1_000) throw new Error('requests run a second after Ctrl-C');
    await sleep(20);
  }
  const took = Math.round(performance.now() - began);
  expectCode(await run.ended, 130);
  return `no request runs ${took} ms after it`;
}

/** The engine is stopped, /health answers 200, and the agent's time runs out meanwhile. */
async function frozen(bench: Bench, server: VllmServer): Promise<string> {
  const dataset = await shortTask(bench, 40);
  const run = bench.run(server, 'frozen', '--dataset', dataset, '--attempts', '1', '--retries', '0');
  await run.saw('job frozen');
  await untilRunning(server);
  await server.signalEngine('SIGSTOP');
  const { ok } = await fetch(`${server.root}/health`);
  const result = await run.ended.finally(() => server.signalEngine('SIGCONT'));
  expectCode(result, 3);
  const { tbench, verifier_result: verified, text } = await onlyResult(join(bench.results, 'frozen'));
  if (!ok || tbench.blame !== 'infrastructure' || verified !== null) throw new Error(text);
  return `/health ok, blame infrastructure, no reward; ${expectText(text, /for \d+ % of it[^"]*engine generated nothing[^"]*/)}`;
}

/** The engine's process is killed in the middle of an answer; a new server takes its place. */
async function replaced(bench: Bench, start: Starts): Promise<string> {
  const port = 18_195;
  const args = ['--dataset', 'sample', '--tasks', 'rotate-backups', '--tasks', 'write-jq-report'];
  let run;
  {
    await using server = await startVllm({ ...start, port });
    run = bench.run(server, 'replaced', ...args, '--attempts', '2');
    await run.saw('job replaced');
    await untilRunning(server);
    await server.signalEngine('SIGKILL');
    await run.saw('is away');
  }
  await using _back = await startVllm({ ...start, port });
  const result = await run.ended;
  expectCode(result, 0);
  expectText(result.stdout, /4 of 4 planned trials measured/);
  return expectText(result.stderr, /model server .* is away.*/).concat(
    '; ',
    expectText(result.stderr, /model server .* is back.*/),
  );
}

async function gone(bench: Bench, server: VllmServer): Promise<string> {
  const args = ['--dataset', 'sample', '--attempts', '1', '--outage-limit', '0.2'];
  const run = bench.run(server, 'gone', ...args);
  await run.saw('job gone');
  await untilRunning(server);
  server.signal('SIGKILL');
  const result = await run.ended;
  expectCode(result, 3);
  return expectText(result.stderr, /.*has been down for.*/);
}

async function onOneServer(bench: Bench, start: Starts): Promise<string> {
  await using server = await startVllm({ ...start, port: 18_194 });
  const said: string[] = [];
  for (const [name, check] of [
    ['Ctrl-C', interrupted],
    ['frozen', frozen],
    ['gone', gone],
  ] as const) {
    said.push(`${name}: ${await check(bench, server)}`);
  }
  return said.join('\n    ');
}

export const failures: readonly Check[] = [
  { what: 'Ctrl-C, a frozen engine, a server gone for good', check: onOneServer },
  { what: 'an engine killed in the middle of an answer, and a new server', check: replaced },
];
