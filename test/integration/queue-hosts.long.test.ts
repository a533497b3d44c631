import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { openHosts, type Hosts } from '../doubles/hosts.js';
import { containersOf } from './cli.js';
import { allPassed, openQueueBench, rewardsOf } from './queue-bench.js';

/** Minutes each, since a lease of 30 s has to run out: `npm run test:queue`. */
const hostTest = test.runIf(process.env.TBENCH_QUEUE_TESTS === '1');
vi.setConfig({ testTimeout: 600_000 });

/** Three workers on hosts of their own with a job of six trials; the first one is in the midst of one or two. */
async function openSixTrials(hosts: Hosts, job: string, seconds: number) {
  const place = { host: hosts.address, through: (at: number) => hosts.through(at) };
  const bench = await openQueueBench(6, seconds, place);
  const workers = [await bench.worker(), await bench.worker(), await bench.worker()];
  const run = bench.run(job);
  /** The tries that a worker keeps, under way or finished. */
  const triesAt = (at: number): Promise<readonly string[]> =>
    readdir(join(bench.dir, `spool-${at}`, 'jobs')).catch(() => []);
  const finishedAt = async (at: number): Promise<readonly string[]> =>
    (await readdir(join(bench.dir, `spool-${at}`))).filter((name) => name.endsWith('.delivery.json'));
  while ((await triesAt(0)).length === 0) await sleep(100);
  const nothingLeft = async (): Promise<void> => {
    while ((await Promise.all([0, 1, 2].map(triesAt))).flat().length > 0) await sleep(200);
    while ((await containersOf(job)).length > 0) await sleep(200);
  };
  return { bench, workers, run, triesAt, finishedAt, nothingLeft };
}

hostTest(
  'a worker cut off for 30 s finishes its trials, keeps them and delivers later; each counts once',
  async (context) => {
    await using hosts = await openHosts(3).catch((error: unknown) =>
      context.skip(`namespaces cannot be made here: ${String(error)}`),
    );
    const six = await openSixTrials(hosts, 'queue-partition', 10);
    await using bench = six.bench;
    await hosts.link(0, 'down');
    const underWay = (await six.triesAt(0)).length;
    await sleep(30_000);
    // They end meanwhile, and wait on its disk.
    while ((await six.finishedAt(0)).length < underWay) await sleep(200);
    await hosts.link(0, 'up');
    expect(await six.run.ended).toMatchObject({ code: 0 });
    expect(await rewardsOf(bench.results, 'queue-partition')).toEqual(allPassed(6));
    await six.workers[0]?.saw('attempt 1: made and delivered');
    await six.nothingLeft();
  },
);

hostTest('a worker frozen until its lease is gone, and woken, counts once', async (context) => {
  await using hosts = await openHosts(3).catch((error: unknown) =>
    context.skip(`namespaces cannot be made here: ${String(error)}`),
  );
  const six = await openSixTrials(hosts, 'queue-frozen', 20);
  await using bench = six.bench;
  six.workers[0]?.process.kill('SIGSTOP');
  // Others begin what it had under way.
  const anew = new Set<string>();
  while (!(await six.triesAt(0)).every((id) => anew.has(id))) {
    for (const at of [1, 2]) for (const id of await six.triesAt(at)) anew.add(id);
    await sleep(200);
  }
  six.workers[0]?.process.kill('SIGCONT');
  expect(await six.run.ended).toMatchObject({ code: 0 });
  expect(await rewardsOf(bench.results, 'queue-frozen')).toEqual(allPassed(6));
  await six.nothingLeft();
});
