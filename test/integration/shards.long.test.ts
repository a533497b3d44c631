import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openCliBench, runCli } from './cli.js';

vi.setConfig({ testTimeout: 300_000 });

test('two machines make a shard each; merge joins them, and names what is missing or doubled', async () => {
  await using bench = await openCliBench({ 'make-it': ['touch done'], 'leave-it': ['true'] });
  const parts = [1, 2].map((part) => join(bench.results, `part-${part}`));
  const more = ['--attempts', '2', '-n', '2'];
  for (const part of [1, 2]) {
    const { code, stderr } = await runCli(bench.run(`part-${part}`, '--shard', `${part}/2`, ...more));
    expect([code, stderr]).toEqual([0, expect.stringContaining('2 trials')]);
  }
  const out = join(bench.results, 'whole');
  const merge = (...dirs: readonly string[]) => runCli(['merge', ...dirs, '--out', out]);
  const [first = '', second = ''] = parts;
  const missing = await merge(first);
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('missing: part 2/2')]);
  const doubled = await merge(first, first);
  expect([doubled.code, doubled.stderr]).toEqual([2, expect.stringContaining('part 1/2 is there 2 times')]);
  expect(await merge(first, second)).toMatchObject({ code: 0 });
  const trials = (await readdir(out)).filter((name) => name.includes('__'));
  expect(trials.sort()).toEqual(['leave-it__1', 'leave-it__2', 'make-it__1', 'make-it__2']);
  // The merged job is one like any other: the whole plan finds nothing left to do.
  const again = await runCli(bench.run('whole', ...more));
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('4 already done')]);
});
