import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { FakeVllm } from '../doubles/vllm/fake-vllm.js';
import { containersOf, startCli } from './cli.js';
import { allPassed as all, openQueueBench, rewardsOf, writeTask } from './queue-bench.js';

/** A lease of 30 s has to run out before a trial of a killed worker goes to another one. */
vi.setConfig({ testTimeout: 300_000 });

/** Commands that make the task's file, then the end. */
const commands = ['touch /srv/done; env', 'echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT'];

test('workers with keys and servers of their own make the trials of a job; no key is ever in the queue', async () => {
  const keys = ['sk-of-the-coordinator-4711', 'sk-of-the-first-0815', 'sk-of-the-second-0816'];
  await using bench = await openQueueBench(5, 1);
  const reply = ({ body }: { body: { messages: readonly { role: string }[] } }) => ({
    content: 'THOUGHT: on.',
    command: commands[body.messages.filter(({ role }) => role === 'assistant').length] ?? '',
  });
  const servers = await Promise.all(keys.map((apiKey) => FakeVllm.start({ model: 'tiny', apiKey, reply })));
  for (const at of [1, 2])
    await bench.worker({ OPENAI_API_KEY: keys[at] ?? '' }, '--base-url', servers[at]?.baseUrl ?? '');
  const model = ['--model', 'tiny', '--base-url', servers[0]?.baseUrl ?? ''];
  const run = bench.run('queue-plain', { OPENAI_API_KEY: keys[0] ?? '' }, model);
  let [seen, isOver] = ['', false];
  const ended = run.ended.finally(() => (isOver = true));
  while (!isOver) {
    seen += await bench.redis.everything();
    await sleep(300);
  }
  expect(await ended).toMatchObject({ code: 0 });
  expect(await rewardsOf(bench.results, 'queue-plain')).toEqual(all(5));
  // What is looked for would be found: tasks, and what the trials printed.
  for (const told of ['touch /srv/done', 'instruction.md', 'trajectory.json']) expect(seen).toContain(told);
  for (const key of keys) expect(seen).not.toContain(key);
  const asked = servers.map(
    ({ requests }) => requests.filter(({ body }) => JSON.stringify(body).includes('/srv/done')).length,
  );
  expect([asked[0], (asked[1] ?? 0) + (asked[2] ?? 0)]).toEqual([0, 10]);
  expect(await containersOf('queue-plain')).toEqual([]);
  // The same command again has nothing left to do.
  expect((await bench.run('queue-plain', {}, model).ended).stderr).toContain('5 already done');
  // Of the job only what expires by itself, and the library's own, stays in Redis; of its trials nothing at the workers.
  const stays =
    /:(over|mark|worker):|:pieces:task-|^tbench:trials-[^:]+:(meta|events|id|stalled-check|stalled)$/;
  while ((await bench.redis.keys()).some((key) => !stays.test(key))) await sleep(100);
  for (const spool of ['spool-0', 'spool-1']) {
    const left = async (): Promise<readonly string[]> => [
      ...(await readdir(join(bench.dir, spool))).filter((name) => name.endsWith('.json')),
      ...(await readdir(join(bench.dir, spool, 'jobs')).catch(() => [])),
    ];
    while ((await left()).length > 0) await sleep(100);
  }
  for (const server of servers) await server[Symbol.asyncDispose]();
});

test('workers of another version, and a task too large for a worker, are told of with the reason', async () => {
  await using bench = await openQueueBench(1, 1);
  const worker = await bench.worker();
  const other = { id: 'old-host', version: '0.0.1', cpus: 4, memoryBytes: 2 ** 33, engine: 'podman 4' };
  await bench.redis.announce('worker', { ...other, concurrency: 2, labels: { gpu: 'a100' } });
  await bench.redis.announce('coordinator', { id: 'new-host', version: '9.9.9' });
  await writeTask(join(bench.dir, 'tasks', 'large'), 1, 2 ** 24);
  const run = bench.run('queue-refused');
  await run.saw('worker old-host runs tbench 0.0.1');
  await worker.saw('coordinator new-host runs tbench 9.9.9');
  await run.saw('cannot make it: needs 16384.0 GiB of memory');
  await run.saw('t1__1');
  run.process.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
});

/** Minutes each, since a lease has to run out: `npm run test:queue`. */
const lossTest = test.runIf(process.env.TBENCH_QUEUE_TESTS === '1');

lossTest('a worker that is killed, and one that is frozen and woken, cost time and no trial', async () => {
  await using bench = await openQueueBench(4, 20);
  const killed = await bench.worker();
  const frozen = await bench.worker();
  const run = bench.run('queue-killed');
  while ((await containersOf('queue-killed')).length < 3) await sleep(100);
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
    while ((await containersOf('queue-restart')).length < 3) await sleep(100);
    first.process.kill('SIGKILL');
    await first.ended;
    const second = bench.run('queue-restart');
    await second.saw('t1__1 start');
    await bench.redis.restart(true);
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
  while ((await containersOf('queue-cancelled')).length > 0) await sleep(100);
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
