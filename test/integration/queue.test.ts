import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { containersOf, startCli, type RunningCli } from './cli.js';
import { baseImage } from './engine.js';

/** A lease of 30 s has to run out before a trial of a killed worker goes to another one. */
vi.setConfig({ testTimeout: 300_000 });

const execute = promisify(execFile);
const secret = 'sk-never-in-a-queue-4711';

/** A real Redis on loopback, tasks whose solution takes some seconds, and workers that are processes of their own. */
async function openQueueBench(tasks: number, seconds: number) {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-queue-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  for (let index = 1; index <= tasks; index += 1) await writeTask(join(dir, 'tasks', `t${index}`), seconds);
  let redis = await startRedis(port, dir);
  const workers: RunningCli[] = [];
  return {
    dir,
    url,
    results: join(dir, 'results'),
    async worker(...more: string[]): Promise<RunningCli> {
      const spool = join(dir, `spool-${workers.length}`);
      const worker = startCli(['worker', '--queue', url, '-n', '2', '--spool', spool, ...more]);
      workers.push(worker);
      await worker.saw('takes 2 trials at once');
      return worker;
    },
    run: (job: string): RunningCli =>
      startCli(
        [
          ...[
            'run',
            '--agent',
            'oracle',
            '--dataset',
            join(dir, 'tasks'),
            '--attempts',
            '1',
            '--pull',
            'never',
          ],
          ...['--results', join(dir, 'results'), '--job', job, '--queue', url],
        ],
        { OPENAI_API_KEY: secret },
      ),
    /** Redis is gone for a while and has forgotten everything. */
    async restartRedis(): Promise<void> {
      await ended(redis);
      redis = await startRedis(port, dir);
    },
    async dump(): Promise<string> {
      const { stdout: keys } = await execute('redis-cli', ['-p', String(port), '--scan']);
      const values = keys.split('\n').filter((key) => key !== '');
      const types = ['get', 'hgetall'] as const;
      const reads = values.flatMap((key) =>
        types.map((type) => execute('redis-cli', ['-p', String(port), type, key])),
      );
      return (await Promise.all(reads)).map(({ stdout }) => stdout).join('\n');
    },
    async [Symbol.asyncDispose]() {
      for (const { process } of workers) {
        process.kill('SIGCONT');
        process.kill('SIGINT');
      }
      await Promise.all(workers.map(({ ended: over }) => over));
      await ended(redis);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function startRedis(port: number, dir: string): Promise<ChildProcess> {
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    dir,
  ];
  const redis = spawn('redis-server', args, { stdio: 'ignore' });
  for (;;) {
    const pong = await execute('redis-cli', ['-p', String(port), 'ping']).catch(() => null);
    if (pong?.stdout.trim() === 'PONG') return redis;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function ended(redis: ChildProcess): Promise<void> {
  redis.kill('SIGKILL');
  if (redis.exitCode === null && redis.signalCode === null) await once(redis, 'exit');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function writeTask(dir: string, seconds: number): Promise<void> {
  for (const folder of ['environment', 'tests', 'solution'])
    await mkdir(join(dir, folder), { recursive: true });
  const toml = [
    'schema_version = "1.4"',
    `[environment]\ndocker_image = "${baseImage}"\nworkdir = "/srv"\ncpus = 1\nmemory_mb = 256`,
    '[agent]\ntimeout_sec = 120.0',
    '[verifier]\ntimeout_sec = 60.0\n',
  ].join('\n');
  await writeFile(join(dir, 'task.toml'), toml);
  await writeFile(join(dir, 'instruction.md'), 'Create the file /srv/done.\n');
  await writeFile(join(dir, 'solution', 'solve.sh'), `sleep ${seconds}; touch done\n`);
  await writeFile(join(dir, 'tests', 'test.sh'), 'test -f /srv/done && echo 1 > /logs/verifier/reward.txt\n');
}

/** The rewards by trial; every trial is there once, with its files and without anything half arrived. */
async function rewardsOf(results: string, job: string): Promise<Record<string, unknown>> {
  const dir = join(results, job);
  const names = await readdir(dir);
  expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  const trials = names.filter((name) => name.includes('__'));
  const rewards = trials.map(async (trial) => {
    expect(await readFile(join(dir, trial, 'verifier', 'reward.txt'), 'utf8')).toBe('1\n');
    const { verifier_result: verified } = JSON.parse(
      await readFile(join(dir, trial, 'result.json'), 'utf8'),
    ) as {
      verifier_result: { rewards: { reward: number } } | null;
    };
    return [trial, verified?.rewards.reward];
  });
  return Object.fromEntries(await Promise.all(rewards)) as Record<string, unknown>;
}

const all = (tasks: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: tasks }, (_, index) => [`t${index + 1}__1`, 1]));

test('workers make the trials of a job, whose folder is as if one process had made it; no key is in the queue', async () => {
  await using bench = await openQueueBench(5, 1);
  await bench.worker();
  await bench.worker();
  const run = bench.run('queue-plain');
  await run.saw('t1__1 start');
  let dump = '';
  while (!dump.includes('t1')) dump += await bench.dump();
  expect(dump).not.toContain(secret);
  expect(await run.ended).toMatchObject({ code: 0 });
  expect(await rewardsOf(bench.results, 'queue-plain')).toEqual(all(5));
  expect(await containersOf('queue-plain')).toEqual([]);
  // The same command again has nothing left to do.
  expect((await bench.run('queue-plain').ended).stderr).toContain('5 already done');
});

/** Minutes each, since a lease has to run out: `npm run test:queue`. */
const lossTest = test.runIf(process.env.TBENCH_QUEUE_TESTS === '1');

lossTest('a worker that is killed, and one that is frozen and woken, cost time and no trial', async () => {
  await using bench = await openQueueBench(4, 20);
  const killed = await bench.worker();
  const frozen = await bench.worker();
  const run = bench.run('queue-killed');
  while ((await containersOf('queue-killed')).length < 3)
    await new Promise((resolve) => setTimeout(resolve, 100));
  killed.process.kill('SIGKILL');
  frozen.process.kill('SIGSTOP');
  await bench.worker();
  expect(await run.ended).toMatchObject({ code: 0 });
  frozen.process.kill('SIGCONT');
  expect(await rewardsOf(bench.results, 'queue-killed')).toEqual(all(4));
});

lossTest(
  'a coordinator that is killed finds what was made meanwhile, and a Redis that forgot everything loses nothing',
  async () => {
    await using bench = await openQueueBench(3, 20);
    await bench.worker();
    await bench.worker();
    const first = bench.run('queue-restart');
    while ((await containersOf('queue-restart')).length < 3)
      await new Promise((resolve) => setTimeout(resolve, 100));
    first.process.kill('SIGKILL');
    await first.ended;
    const second = bench.run('queue-restart');
    await second.saw('t1__1 start');
    await bench.restartRedis();
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(await rewardsOf(bench.results, 'queue-restart')).toEqual(all(3));
  },
);

lossTest('Ctrl-C of the coordinator takes its trials back, and the same command makes them', async () => {
  await using bench = await openQueueBench(2, 30);
  const worker = await bench.worker();
  const run = bench.run('queue-cancelled');
  await run.saw('t1__1 start');
  await run.saw('t2__1 start');
  run.process.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  await worker.saw('taken back by its coordinator');
  while ((await containersOf('queue-cancelled')).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await bench.run('queue-cancelled').ended).toMatchObject({ code: 0 });
  expect(await rewardsOf(bench.results, 'queue-cancelled')).toEqual(all(2));
});

test('a queue that is not there is said so, at once', async () => {
  const { code, stderr } = await startCli(['worker', '--queue', 'redis://127.0.0.1:1']).ended;
  expect([code, stderr]).toEqual([3, expect.stringContaining('no Redis answers at redis://127.0.0.1:1')]);
  const wrong = await startCli(['worker', '--queue', 'http://127.0.0.1']).ended;
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('the queue is no redis:// address'),
  ]);
});
