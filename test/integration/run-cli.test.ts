import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { containersOf, openCliBench, runCli, startCli } from './cli.js';

const execute = promisify(execFile);

interface ScoreJson {
  readonly jobs: readonly { name: string; mean: number; n_trials: number; model_kind?: string }[];
}

test('runs recorded turns against real sandboxes, prints the table and says that no model was evaluated', async () => {
  await using bench = await openCliBench({ solved: ['touch done'], unsolved: ['true'] });
  const table = await runCli(bench.run('run-table', '--attempts', '2'));
  expect(table).toMatchObject({ code: 0 });
  expect(table.stdout).toContain('50.0 ± 0.0');
  expect(table.stdout.toLowerCase()).toContain('not an evaluation');
  const json = await runCli(bench.run('run-table', '--attempts', '2', '--json'));
  expect((JSON.parse(json.stdout) as ScoreJson).jobs).toMatchObject([{ mean: 0.5, n_trials: 4 }]);
  expect(json.stderr).toContain('4 already done');
  expect(await containersOf('run-table')).toEqual([]);
  const result = await readFile(join(bench.results, 'run-table', 'solved__2', 'result.json'), 'utf8');
  expect(JSON.parse(result)).toMatchObject({ tbench: { attempt: 2, ending: 'submitted', blame: null } });
});

test('the reference solution earns 1, doing nothing earns 0', async () => {
  await using bench = await openCliBench({ one: ['true'] });
  const run = async (agent: string): Promise<unknown> => {
    const common = ['--dataset', join(bench.dir, 'tasks'), '--results', bench.results, '--attempts', '1'];
    const { stdout } = await runCli(['run', '--agent', agent, ...common, '--pull', 'never', '--json']);
    return (JSON.parse(stdout) as ScoreJson).jobs[0]?.mean;
  };
  expect([await run('oracle'), await run('nop')]).toEqual([1, 0]);
});

test('Ctrl-C ends the job at once without a container left, and the same command completes it', async () => {
  await using bench = await openCliBench({ quick: ['touch done'], slow: ['sleep 8; touch done'] });
  const args = bench.run('run-interrupt', '--attempts', '1');
  const first = startCli(args);
  await first.saw('quick__1 end');
  first.process.kill('SIGINT');
  const { code, stdout, stderr } = await first.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('once more to quit now');
  // What was measured until then, and that it is not all.
  expect(stdout).toMatch(/ 100\.0 +1\/2 /);
  expect(await containersOf('run-interrupt')).toEqual([]);
  const second = await runCli(args);
  expect(second).toMatchObject({ code: 0 });
  expect(second.stderr).toContain('1 already done');
  expect(second.stdout).toContain('100.0');
});

test('T35 contained: after kill -9 the next start removes the container left behind and completes the job', async () => {
  await using bench = await openCliBench({ slow: ['sleep 4; touch done'] });
  const args = bench.run('run-killed', '--attempts', '1');
  const first = startCli(args);
  await first.saw('slow__1 start');
  while ((await containersOf('run-killed')).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  first.process.kill('SIGKILL');
  await first.ended;
  expect(await containersOf('run-killed')).toHaveLength(1);
  // Without adoption, of which it depends on the instant of the kill whether it can be; and whoever starts first sweeps.
  const second = await runCli([...args, '--no-adopt']);
  expect(second).toMatchObject({ code: 0 });
  expect(second.stdout).toContain('100.0');
  expect(await containersOf('run-killed')).toEqual([]);
});

test('a second process on the same job is refused, and the first is not disturbed', async () => {
  await using bench = await openCliBench({ slow: ['until [ -f /srv/go ]; do sleep 0.1; done; touch done'] });
  const args = bench.run('run-twice', '--attempts', '1');
  const first = startCli(args);
  await first.saw('slow__1 start');
  const second = await runCli(args);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`held by process ${first.process.pid ?? 0}`);
  await createInSandbox('run-twice', '/srv/go');
  expect(await first.ended).toMatchObject({ code: 0 });
});

/** Tells a script that waits for a file in the job's only sandbox to go on, as soon as there is one. */
async function createInSandbox(job: string, file: string): Promise<void> {
  for (;;) {
    const [container] = await containersOf(job);
    const made =
      container !== undefined &&
      (await execute('podman', ['exec', container, 'touch', file]).then(
        () => true,
        () => false,
      ));
    if (made) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a full disk stops the job with what to do, loses no finished trial, and the rerun completes it', async (context) => {
  await using bench = await openCliBench({ a: ['touch done'], b: ['touch done'], c: ['touch done'] });
  await mkdir(bench.results);
  const mounted = await execute('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', bench.results]).catch(
    () => null,
  );
  if (mounted === null) return context.skip('needs the right to mount a small file system');
  try {
    const args = bench.run('run-full', '--concurrency', '1', '--attempts', '2');
    const first = await runCli(args);
    expect(first.code).toBe(3);
    expect(first.stderr).toContain('The disk is full');
    expect(await containersOf('run-full')).toEqual([]);
    await execute('mount', ['-o', 'remount,size=16m', bench.results]);
    const second = await runCli(args);
    expect(second).toMatchObject({ code: 0 });
    expect(second.stdout).toContain('100.0');
  } finally {
    await execute('umount', [bench.results]);
  }
});

test('without a model server it fails in seconds, before any sandbox, with the command that would start one', async () => {
  await using bench = await openCliBench({ one: ['true'] });
  const started = performance.now();
  const tasks = join(bench.dir, 'tasks');
  const options = ['--dataset', tasks, '--results', bench.results, '--base-url', 'http://127.0.0.1:9/v1'];
  const result = await runCli(['run', '--model', 'some/model', ...options]);
  // An outage in the middle of a job would be waited out for minutes; whatever a loaded machine takes to start a program is less.
  expect(performance.now() - started).toBeLessThan(30_000);
  expect(result.code).toBe(3);
  expect(result.stderr).toContain('http://127.0.0.1:9/v1');
  expect(result.stderr).toContain('vllm serve some/model');
});

test.each([
  [['run'], '--model NAME is needed'],
  [['run', '--model', 'm', '--atempts', '3'], "unknown option '--atempts'"],
  [['run', '--agent', 'oracle', '--dataset', 'smaple'], 'did you mean sample'],
  [['run', '--agent', 'oracle', '--dataset', 'sample', '--tasks', 'no-such-*'], 'no task matches'],
  [['run', '--agent', 'oracle', '--attempts', '0'], 'at least 1'],
  [['score', '/nonexistent/job'], '/nonexistent/job'],
])('wrong usage ends with 2 and says what is wrong: %j', async (args, message) => {
  const result = await runCli(args);
  expect(result.code).toBe(2);
  expect(result.stderr).toContain(message);
});
