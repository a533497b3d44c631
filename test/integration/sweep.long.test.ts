import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Sweep } from '../../src/record/sweep.js';
import { FakeVllm } from '../doubles/vllm/fake-vllm.js';
import { openCliBench, runCli, startCli, type CliBench } from './cli.js';

const serveMix = fileURLToPath(new URL('../doubles/vllm/serve-mix.ts', import.meta.url));
const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));

/** What each revision solves of the bench's tasks. */
const mix = { step_1: [], step_2: ['red'], step_3: ['red', 'green'], step_4: ['red', 'green', 'blue'] };

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

test('a sweep over three revisions that is killed at every stage goes on, and no server outlives it', async () => {
  await using bench = await openBench();
  const port = await freePort();
  const args = sweepArgs(bench, port, '--revisions', 'step_1,step_2,step_3');
  // While a server starts, between two trials, when a job has just ended, and in the last revision.
  for (const stage of ['step_1: waiting', 'red__1', 'step_2: waiting', 'step_3: evaluated at']) {
    const killed = startCli(args);
    await killed.saw(stage);
    killed.process.kill('SIGKILL');
    await killed.ended;
    await expect.poll(() => answers(port), { timeout: 60_000 }).toBe(false);
  }
  const again = await runCli(args);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain('step_1: finished already');
  expect(again.stderr).toContain('step_3: evaluated at');
  expect(await answers(port)).toBe(false);
  const dir = join(bench.results, 'sweep');
  expect(await meansOf(dir)).toEqual([
    ['step_1', 0],
    ['step_2', expect.closeTo(1 / 3)],
    ['step_3', expect.closeTo(2 / 3)],
  ]);
  expect(await readFile(join(dir, 'server-step_3.log'), 'utf8')).toContain('serving org/model@step_3');
}, 600_000);

test('checkpoints are evaluated as they are written, every second one, by the command that tbench serve prints', async () => {
  await using bench = await openBench();
  const bin = join(bench.dir, 'bin');
  await mkdir(bin);
  const mixFile = join(bench.dir, 'mix.json');
  await writeFile(join(bin, 'vllm'), `#!/bin/sh\nexec '${tsx}' '${serveMix}' '${mixFile}' "$@"\n`, {
    mode: 0o755,
  });
  const checkpoints = join(bench.dir, 'checkpoints');
  // Written longer ago than a saver would still be at it.
  const write = async (name: string): Promise<void> => {
    const made = join(bench.dir, `${name}.made`);
    await mkdir(made);
    await writeFile(join(made, 'model.safetensors'), 'weights');
    await utimes(join(made, 'model.safetensors'), 1, 1);
    await mkdir(checkpoints, { recursive: true });
    await rename(made, join(checkpoints, name));
  };
  await write('step_1');
  await write('step_2');
  const port = await freePort();
  const watching = startCli(
    [
      ...['sweep', checkpoints, '--revisions', 'step_*', '--watch', '--poll', '0.2', '--every', '2'],
      ...['--dataset', join(bench.dir, 'tasks'), '--results', bench.results, '--name', 'watched'],
      ...['--port', String(port), '--attempts', '1', '--pull', 'never'],
    ],
    { PATH: `${bin}:${process.env['PATH'] ?? ''}`, OPENAI_API_KEY: '' },
  );
  await watching.saw('watching for revisions');
  // A saver that keeps only its latest: what went still counts.
  await rm(join(checkpoints, 'step_1'), { recursive: true });
  await write('step_3');
  await write('step_4');
  await watching.saw('step_4: evaluated at');
  const dir = join(bench.results, 'watched');
  await expect
    .poll(() => meansOf(dir).catch(() => []), { timeout: 120_000, interval: 1000 })
    .toEqual([
      ['step_2', expect.closeTo(1 / 3)],
      ['step_4', 1],
    ]);
  watching.process.kill('SIGINT');
  expect((await watching.ended).code).toBe(130);
  const sweep = JSON.parse(await readFile(join(dir, 'sweep.json'), 'utf8')) as Sweep;
  expect(sweep.passed).toEqual(['step_1', 'step_3']);
  expect(sweep.revisions[0]?.server_commands[0]).toMatch(/^vllm serve \S+step_2 --served-model-name /);
  const file = join(bench.dir, 'c.json');
  await runCli(['certify', join(dir, 'step_4'), '--out', file]);
  const { server } = JSON.parse(await readFile(file, 'utf8')) as { server: { command: string } };
  expect(server.command).toMatch(/^vllm serve \S+step_4 /);
}, 600_000);

test('several at once: running servers, started ones, and an end by elimination', async () => {
  await using bench = await openBench();
  await using running = await FakeVllm.start({
    model: 'org/model',
    reply: () => ({ content: 'THOUGHT: no.', command: 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT' }),
  });
  const args = sweepArgs(bench, await freePort(), '--revisions', 'step_1,step_4', '--servers', '2');
  const { code, stdout, stderr } = await runCli([
    ...[...args, '--adaptive', '--attempts', '3'],
    ...['--base-url', `step_1=${running.baseUrl}`],
  ]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain(`step_1: evaluated at ${running.baseUrl}`);
  // Three tasks from never to always in two attempts each: (1/6)^3 by chance. Two of three would not do.
  expect(stderr).toContain('shown to be below the best after 2 attempts: step_1');
  expect(stdout).toMatch(/still in the running: step_4 .*\n12 trials, .* a full grid would have cost 18/);
}, 300_000);
