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

/** Three workers on hosts of their own, each with two trials of a job under way. */
async function openSixTrials(hosts: Hosts, job: string, seconds: number) {
  const bench = await openQueueBench(6, seconds, { host: hosts.address, through: (at) => hosts.through(at) });
  const workers = [await bench.worker(), await bench.worker(), await bench.worker()];
  const run = bench.run(job);
  while ((await containersOf(job)).length < 6) await sleep(100);
  /** Everything that the workers keep of tries. */
  const spooled = async (): Promise<readonly string[]> => {
    const folders = workers.map(async (_, at) => [
      ...(await readdir(join(bench.dir, `spool-${at}`))).filter((name) => name.endsWith('.json')),
      ...(await readdir(join(bench.dir, `spool-${at}`, 'jobs'))),
    ]);
    return (await Promise.all(folders)).flat();
  };
  return { bench, workers, run, spooled };
}

hostTest(
  'a worker cut off for 30 s finishes its trials, keeps them and delivers later; each counts once',
  async (context) => {
    await using hosts = await openHosts(3).catch((error: unknown) =>
      context.skip(`namespaces cannot be made here: ${String(error)}`),
    );
    const { bench, workers, run, spooled } = await openSixTrials(hosts, 'queue-partition', 10);
    await using _ = bench;
    await hosts.link(0, 'down');
    const cutOff = sleep(30_000);
    // Its trials end meanwhile, and wait on its disk.
    while ((await spooled()).filter((name) => name.endsWith('.delivery.json')).length < 2) await sleep(200);
    await cutOff;
    await hosts.link(0, 'up');
    expect(await run.ended).toMatchObject({ code: 0 });
    expect(await rewardsOf(bench.results, 'queue-partition')).toEqual(allPassed(6));
    await workers[0]?.saw('attempt 1: made and delivered');
    while ((await spooled()).length > 0) await sleep(200);
    expect(await containersOf('queue-partition')).toEqual([]);
  },
);

hostTest('a worker frozen until its lease is gone, and woken, counts once', async (context) => {
  await using hosts = await openHosts(3).catch((error: unknown) =>
    context.skip(`namespaces cannot be made here: ${String(error)}`),
  );
  const { bench, workers, run, spooled } = await openSixTrials(hosts, 'queue-frozen', 30);
  await using _ = bench;
  workers[0]?.process.kill('SIGSTOP');
  // Others have begun its two trials again: their sandboxes stand beside those of the frozen one.
  const anew = async (): Promise<number> => {
    const text = (await containersOf('queue-frozen')).map((name) => name.replace(/-[^-]*$/, ''));
    return text.length - new Set(text).size;
  };
  while ((await anew()) < 2) await sleep(200);
  workers[0]?.process.kill('SIGCONT');
  expect(await run.ended).toMatchObject({ code: 0 });
  expect(await rewardsOf(bench.results, 'queue-frozen')).toEqual(allPassed(6));
  while ((await spooled()).length > 0) await sleep(200);
  while ((await containersOf('queue-frozen')).length > 0) await sleep(200);
});
