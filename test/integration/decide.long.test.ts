import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCliBench, runCli } from './cli.js';

const tasks = Array.from({ length: 12 }, (_, index) => `task-${index}`);

interface Gate {
  readonly verdict: string;
  readonly trials_looked_at: number;
  readonly trials_planned: number;
}

interface Compared {
  readonly comparisons: readonly {
    readonly changes: {
      readonly paired: readonly { readonly what: string; readonly before: number; readonly after: number }[];
      readonly paired_endings: readonly {
        readonly what: string;
        readonly before: number;
        readonly after: number;
      }[];
    };
  }[];
}

test('a run ends as soon as it is decided against a baseline of one run, and the gate says the same of its record', async () => {
  await using good = await openCliBench(Object.fromEntries(tasks.map((task) => [task, ['touch done']])));
  const turns = join(good.dir, 'turns');
  const { results } = good;
  expect(await runCli(good.run('base', '--attempts', '1', '--concurrency', '4'))).toMatchObject({ code: 0 });
  const decide = ['--until-decided', '--baseline', 'base', '--attempts', '1', '--concurrency', '4'];
  const same = await runCli(good.run('same', ...decide));
  expect(same).toMatchObject({ code: 0 });
  expect(same.stdout).toContain('gate: no regression');
  // The same turns, without the one command that solves a task.
  for (const task of tasks) {
    const file = join(turns, `${task}.yaml`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('touch done', 'echo no'));
  }
  const worse = await runCli(good.run('worse', ...decide));
  expect(worse).toMatchObject({ code: 1 });
  expect(worse.stdout).toContain('gate: regression');
  const gate = await runCli([
    'gate',
    'worse',
    '--baseline',
    'base',
    '--sequential',
    '--json',
    '--results',
    results,
  ]);
  expect(gate.code).toBe(1);
  expect(JSON.parse(gate.stdout) as Gate).toMatchObject({
    verdict: 'regression',
    trials_looked_at: 10,
    trials_planned: 12,
  });
  const unknown = await runCli(good.run('none', ...decide, '--find-drop', '1pp'));
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('is not above');
}, 600_000);

test('two harness files on one model: endings, turns and format errors are paired by task', async () => {
  await using bench = await openCliBench({ a: ['touch done'], b: ['touch done'], c: ['true'] });
  const { results } = bench;
  const calls = await runCli(bench.run('calls', '--attempts', '2', '--concurrency', '4'));
  expect(calls).toMatchObject({ code: 0 });
  const text = await runCli(
    bench.run('text', '--attempts', '2', '--concurrency', '4', '--harness', 'mini-swe-agent'),
  );
  expect(text.code).toBe(0);
  const refused = await runCli(['compare', 'calls', 'text', '--results', results]);
  expect(refused.code).toBe(2);
  const compare = ['compare', 'calls', 'text', '--results', results, '--allow', 'harness', 'budget'];
  const { stdout } = await runCli([...compare, '--json']);
  const changes = (JSON.parse(stdout) as Compared).comparisons[0]?.changes;
  expect(changes?.paired.map(({ what }) => what)).toEqual(['turns', 'tokens', 'format errors']);
  const submitted = changes?.paired_endings.find(({ what }) => what === 'submitted');
  expect(submitted?.before).toBe(1);
  const page = await runCli(compare);
  expect(page.stdout).toMatch(/bad format\s+0\.0 → 0\.0 a trial/);
}, 600_000);
