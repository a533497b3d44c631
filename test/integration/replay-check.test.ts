import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { trialResultSchema } from '../../src/record/trial-result.js';
import { openCliBench, runCli } from './cli.js';

interface Found {
  readonly all: { readonly trials: number; readonly changed: number };
  readonly faithful: { readonly trials: number; readonly changed: number };
  readonly tasks: readonly unknown[];
}

test('recorded turns give the recorded verdicts again, a certificate says so, and one that differs is found', async () => {
  await using bench = await openCliBench({
    solved: ['touch done'],
    unsolved: ['true'],
    clock: ['date +%s%N', 'touch done'],
  });
  const { results } = bench;
  await runCli(bench.run('job', '--attempts', '2'));
  const check = ['replay-check', 'job', '--results', results, '--json'];
  const same = await runCli([...check, '--sample', '4']);
  expect(same).toMatchObject({ code: 0 });
  expect((JSON.parse(same.stdout) as Found).all).toMatchObject({ trials: 4, changed: 0 });

  const file = join(bench.dir, 'c.json');
  await runCli(['certify', 'job', '--results', results, '--out', file]);
  const verify = ['certify', '--verify', file, 'job', '--results', results];
  const whole = await runCli([...verify, '--replay', '1']);
  expect(whole).toMatchObject({ code: 0 });
  expect(whole.stdout).toMatch(/all matches .*\njob: 0 of 1 trial /);

  // A verdict that the tests do not give: as if they had been lucky once.
  const path = join(results, 'job', 'unsolved__1', 'result.json');
  const result = trialResultSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const integrity = { ...result.integrity, raw_reward: 1, effective_reward: 1 };
  const lucky = { ...result, integrity, verifier_result: { rewards: { reward: 1 } } };
  await writeFile(path, JSON.stringify(lucky));
  const forged = await runCli(verify);
  expect(forged.code).toBe(1);
  expect(forged.stderr).toContain('unsolved__1/result.json was changed');
  const other = await runCli(check);
  expect(other.code).toBe(1);
  const found = JSON.parse(other.stdout) as Found;
  expect(found.all).toMatchObject({ trials: 6, changed: 1 });
  expect(found.faithful).toMatchObject({ trials: 4, changed: 1 });
  const score = await runCli(['score', 'job', '--results', results]);
  expect(score.stdout).toContain('verdict changed: unsolved (1 of');
  const tasks = await runCli(['score', 'job', '--results', results, '--tasks', '--markdown']);
  expect(tasks.stdout).toMatch(/\| unsolved \|.*\| changed in 1 of \d+ \|/);
}, 300_000);
