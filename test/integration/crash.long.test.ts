import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FakeVllm, type SeenRequest } from '../doubles/vllm/fake-vllm.js';
import type { ModelReply } from '../doubles/vllm/generate.js';
import { containersOf, openCliBench, runCli, startCli, type CliBench } from './cli.js';

const submit = 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
const commands = ['cd /srv', 'echo one', 'sleep 1', 'echo two', 'touch /srv/done', 'echo three', submit];

const turnsOf = ({ body }: SeenRequest): number =>
  body.messages.filter(({ role }) => role === 'assistant').length;

function script(request: SeenRequest): ModelReply {
  const turn = turnsOf(request);
  return { thought: `Turn ${turn + 1}.`, content: 'THOUGHT: on.', command: commands[turn] ?? submit };
}

function argsOf(bench: CliBench, job: string, server: FakeVllm, results = bench.results): string[] {
  return [
    ...['run', '--dataset', join(bench.dir, 'tasks'), '--results', results, '--job', job],
    ...['--model', 'tiny', '--base-url', server.baseUrl, '--attempts', '1', '--pull', 'never', '--json'],
  ];
}

/** Waits until an agent has asked for a turn after so many. */
async function untilTurn(server: FakeVllm, turn: number, isOver: () => boolean): Promise<void> {
  const isThere = (): boolean => server.requests.some((request) => turnsOf(request) >= turn);
  while (!isThere() && !isOver()) await pause(20);
  expect(isThere()).toBe(true);
}

interface Record {
  readonly verifier_result: { readonly rewards: { readonly reward: number } };
  readonly tbench: {
    readonly tries: number;
    readonly ending: string;
    readonly clock: { readonly outage_ms: number; readonly working_ms: number };
  };
}

async function recordOf(results: string, job: string, trial: string): Promise<Record> {
  return JSON.parse(await readFile(join(results, job, trial, 'result.json'), 'utf8')) as Record;
}

test('a model server killed in the middle and brought back costs the agent nothing', async () => {
  await using bench = await openCliBench({ one: [], two: [] });
  await using server = await FakeVllm.start({ model: 'tiny', reply: script });
  const job = `crash-server-${process.pid}`;
  const run = startCli(argsOf(bench, job, server));
  await untilTurn(server, 3, () => run.process.exitCode !== null);
  await server.stop();
  await run.saw('is away');
  await pause(2_000);
  await server.listen();
  const end = await run.ended;
  expect(end, end.stderr).toMatchObject({ code: 0 });
  for (const trial of ['one__1', 'two__1']) {
    const { verifier_result: verified, tbench } = await recordOf(bench.results, job, trial);
    expect([verified.rewards.reward, tbench.tries, tbench.ending]).toEqual([1, 1, 'submitted']);
  }
  expect((await recordOf(bench.results, job, 'one__1')).tbench.clock.outage_ms).toBeGreaterThan(1_000);
}, 240_000);

test("the engine's service killed in the middle of trials is started again, and they go on", async () => {
  await using bench = await openCliBench({ one: [], two: [] });
  await using server = await FakeVllm.start({ model: 'tiny', reply: script });
  const job = `crash-engine-${process.pid}`;
  // A run directory of its own is a service of its own: nobody else's is killed here.
  const runDir = await mkdtemp(join(tmpdir(), 'tbench-run-'));
  const run = startCli(argsOf(bench, job, server), { XDG_RUNTIME_DIR: runDir });
  try {
    const kill = async (): Promise<number> => {
      const { pid } = JSON.parse(await readFile(join(runDir, 'tbench', 'service.json'), 'utf8')) as {
        readonly pid: number;
      };
      process.kill(pid, 'SIGKILL');
      return pid;
    };
    await untilTurn(server, 1, () => run.process.exitCode !== null);
    const first = await kill();
    await untilTurn(server, 4, () => run.process.exitCode !== null);
    expect(await kill()).not.toBe(first);
    const end = await run.ended;
    expect(end, end.stderr).toMatchObject({ code: 0 });
    for (const trial of ['one__1', 'two__1'])
      expect((await recordOf(bench.results, job, trial)).verifier_result.rewards.reward).toBe(1);
    expect(await containersOf(job)).toEqual([]);
  } finally {
    run.process.kill('SIGKILL');
    await run.ended;
    await rm(runDir, { recursive: true, force: true });
  }
}, 240_000);

/** A disk of its own, which is small. Null where this user may mount none. */
function mountDisk(dir: string): Disposable | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tbench-test', dir], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return { [Symbol.dispose]: () => execFileSync('umount', ['--lazy', dir]) };
}

const canMount = process.getuid?.() === 0;

test.runIf(canMount)(
  'a disk that fills up loses no finished trial, and what is cut off is made when there is room',
  async () => {
    await using bench = await openCliBench({ one: [], two: [] });
    await using server = await FakeVllm.start({ model: 'tiny', reply: script });
    const results = await mkdtemp(join(tmpdir(), 'tbench-disk-'));
    using disk = mountDisk(results);
    if (disk === null) return;
    const job = 'full';
    const args = [...argsOf(bench, job, server, results), '-n', '1'];
    const filler = join(results, 'filler');
    const run = startCli(args);
    await run.saw('two__1 start');
    const before = await readFile(join(results, job, 'one__1', 'result.json'), 'utf8');
    await writeFile(filler, Buffer.alloc(32 * 2 ** 20)).catch(() => undefined);
    const cut = await run.ended;
    expect(cut.code, cut.stderr).toBe(3);
    expect(cut.stderr).toMatch(/disk is full|no space left/i);
    expect(await containersOf(job)).toEqual([]);
    await rm(filler);
    const again = await runCli(args);
    expect(again, again.stderr).toMatchObject({ code: 0 });
    expect(await readFile(join(results, job, 'one__1', 'result.json'), 'utf8')).toBe(before);
    const { verifier_result: verified, tbench } = await recordOf(results, job, 'two__1');
    expect([verified.rewards.reward, tbench.ending]).toEqual([1, 'submitted']);
  },
  240_000,
);

test.runIf(canMount)(
  'no trial starts on a disk under its watermark, until there is room again',
  async () => {
    await using bench = await openCliBench({ one: [] });
    await using server = await FakeVllm.start({ model: 'tiny', reply: script });
    const results = await mkdtemp(join(tmpdir(), 'tbench-disk-'));
    using disk = mountDisk(results);
    if (disk === null) return;
    const filler = join(results, 'filler');
    await writeFile(filler, Buffer.alloc(23.5 * 2 ** 20));
    const run = startCli(argsOf(bench, 'low', server, results));
    await run.saw('no new trials: ');
    await rm(filler);
    await run.saw('there is space again');
    const end = await run.ended;
    expect(end, end.stderr).toMatchObject({ code: 0 });
  },
  240_000,
);
