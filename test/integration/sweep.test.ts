import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FakeVllm } from '../doubles/vllm/fake-vllm.js';
import { openCliBench, runCli, startCli, type CliBench } from './cli.js';

const serveMix = fileURLToPath(new URL('../doubles/vllm/serve-mix.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));

/** What each revision solves of the bench's tasks. */
const mix = { step_1: [], step_2: ['red'], step_3: ['red', 'green'] };

async function openBench(): Promise<CliBench> {
  const bench = await openCliBench({ red: [], green: [], blue: [] });
  for (const task of ['red', 'green', 'blue'])
    await writeFile(join(bench.dir, 'tasks', task, 'instruction.md'), `This is ${task}: create /srv/done.\n`);
  await writeFile(join(bench.dir, 'mix.json'), JSON.stringify(mix));
  return bench;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function sweepArgs(bench: CliBench, port: number, ...more: readonly string[]): string[] {
  return [
    ...['sweep', 'org/model', '--dataset', join(bench.dir, 'tasks'), '--results', bench.results],
    ...['--serve-command', `'${tsx}' '${serveMix}' '${join(bench.dir, 'mix.json')}'`, '--port', String(port)],
    ...['--attempts', '2', '--pull', 'never', '--name', 'sweep', ...more],
  ];
}

interface Curve {
  readonly curves: readonly {
    readonly steps: readonly { readonly step: string; readonly mean: number }[];
  }[];
}

async function meansOf(dir: string): Promise<[string, number][]> {
  const { stdout } = await runCli(['curve', dir, '--json']);
  return (JSON.parse(stdout) as Curve).curves[0]?.steps.map(({ step, mean }) => [step, mean]) ?? [];
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/v1/models`).then(
    () => true,
    () => false,
  );

test('a sweep over three revisions that is killed in the middle goes on, and no server outlives it', async () => {
  await using bench = await openBench();
  const port = await freePort();
  const args = sweepArgs(bench, port, '--revisions', 'step_1,step_2,step_3');
  const first = startCli(args);
  await first.saw('step_2: evaluated at');
  await first.saw('red__1');
  first.process.kill('SIGKILL');
  await first.ended;
  await expect.poll(() => answers(port), { timeout: 40_000 }).toBe(false);
  const again = await runCli(args);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain('step_1: finished already');
  expect(again.stderr).toContain('step_2: evaluated at');
  expect(await answers(port)).toBe(false);
  const dir = join(bench.results, 'sweep');
  expect(await meansOf(dir)).toEqual([
    ['step_1', 0],
    ['step_2', expect.closeTo(1 / 3)],
    ['step_3', expect.closeTo(2 / 3)],
  ]);
  expect(await readFile(join(dir, 'server-step_3.log'), 'utf8')).toContain('serving org/model@step_3');
}, 300_000);

test('several at once: running servers, started ones, and an end by elimination', async () => {
  await using bench = await openBench();
  await using running = await FakeVllm.start({
    model: 'org/model',
    reply: () => ({ content: 'THOUGHT: no.', command: 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT' }),
  });
  const args = sweepArgs(bench, await freePort(), '--revisions', 'step_1,step_3', '--servers', '2');
  const { code, stdout, stderr } = await runCli([
    ...[...args, '--adaptive', '--attempts', '3'],
    ...['--base-url', `step_1=${running.baseUrl}`],
  ]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain(`step_1: evaluated at ${running.baseUrl}`);
  expect(stderr).toContain('shown to be below the best after 2 attempts: step_1');
  expect(stdout).toMatch(/still in the running: step_3 .*\n12 trials, .* a full grid would have cost 18/);
}, 300_000);
