import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { containersOf, openCliBench, runCli, startCli } from './cli.js';
import { podman } from './podman.js';

test('a second process on a job is told who holds it, and other options what they would change', async () => {
  const wait = 'until [ -e /srv/go ]; do sleep 0.2; done; touch done';
  await using bench = await openCliBench({ slow: [wait] });
  const job = `held-${process.pid}`;
  const args = bench.run(job, '--attempts', '1', '--json', '--timeout-multiplier', '10');
  const first = startCli(args);
  await first.saw('slow__1 start');
  const second = await runCli(args);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`is held by process ${first.process.pid}`);
  let [container] = await containersOf(job);
  while (container === undefined) {
    expect(first.process.exitCode).toBeNull();
    [container] = await containersOf(job);
  }
  await podman('cp', '/etc/hostname', `${container}:/srv/go`);
  const end = await first.ended;
  expect(end, end.stderr).toMatchObject({ code: 0 });

  const other = await runCli([...args, '--timeout-multiplier', '2', '--clock', 'working']);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain(`job ${job} in`);
  expect(other.stderr).toContain('timeout multiplier was 10, is now 2; clock was wall, is now working');

  const same = await runCli([...args, '--concurrency', '7', '--retries', '0']);
  expect(same, same.stderr).toMatchObject({ code: 0 });
  expect(same.stderr).toContain(`job ${job}: 1 trials, 1 already done`);
}, 240_000);

test('rerun makes chosen trials once more, and show tells what came of the one before', async () => {
  await using bench = await openCliBench({ good: ['touch done'], poor: ['true'] });
  const job = 'again';
  const made = await runCli(bench.run(job, '--attempts', '2', '--json'));
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const result = (trial: string): Promise<string> =>
    readFile(join(bench.results, job, trial, 'result.json'), 'utf8');
  const [kept, before] = [await result('good__1'), await result('poor__2')];
  const again = await runCli(['rerun', job, '--results', bench.results, '--where', 'task=poor', '--json']);
  expect(again, again.stderr).toMatchObject({ code: 0 });
  expect(again.stderr).toContain('made again: poor__1 poor__2');
  expect(await result('good__1')).toBe(kept);
  expect(JSON.parse(await result('poor__2'))).toMatchObject({ tbench: { tries: 2 } });
  const aside = join(bench.results, job, 'poor__2', 'tries', '1', 'result.superseded.json');
  expect(await readFile(aside, 'utf8')).toBe(before);
  const shown = await runCli(['show', join(job, 'poor__2'), '--results', bench.results]);
  expect(shown.stdout).toContain('try 1 of before: reward 0, ended: submitted (tries/1)');
}, 240_000);
