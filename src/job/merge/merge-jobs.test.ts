import { cp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agentOf, openJobBench } from '../../../test/doubles/trial-tools.js';
import { readJobFolder } from '../../results/read-job-folder.js';
import { runJob } from '../run-job.js';
import { mergeJobs } from './merge-jobs.js';

const forever = new AbortController().signal;
const nop = agentOf(() => 'finished');

/** A job of four tasks, twice each, made by as many runs as asked for. */
async function madeInParts(of: number) {
  const bench = await openJobBench(4);
  const dirs: string[] = [];
  for (let index = 1; index <= of; index += 1) {
    const dir = join(bench.dir, 'results', `part-${index}`);
    const request = bench.request({ name: `part-${index}`, dir, run: { shard: { index, of } } });
    dirs.push((await runJob(request, bench.tools(nop), forever)).dir);
  }
  const out = join(bench.dir, 'results', 'whole');
  const merge = (parts = dirs) => mergeJobs(parts, out, forever);
  return { bench, dirs, out, merge, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

test('the parts of a plan are about alike and together the whole; merged they read as one job', async () => {
  await using made = await madeInParts(3);
  expect(await made.merge()).toMatchObject({ dir: made.out, parts: 3, trials: 8, leftOut: [] });
  const [job, ...others] = await readJobFolder(made.out);
  expect(others).toEqual([]);
  expect(job).toMatchObject({ trialsPlanned: 8, attemptsPlanned: 2, problems: [], incomplete: [] });
  expect(new Set(job?.trials.map(({ name }) => name)).size).toBe(8);
  const lock = JSON.parse(await readFile(join(made.out, 'lock.json'), 'utf8')) as { trials: unknown[] };
  expect(lock.trials).toHaveLength(8);
});

test('a merged job is continued as any other: a run of the whole plan finds nothing left to do', async () => {
  await using made = await madeInParts(2);
  await made.merge();
  const whole = made.bench.request({ name: 'whole', dir: made.out });
  expect(await runJob(whole, made.bench.tools(nop), forever)).toMatchObject({ done: 8, reused: 8 });
});

test('a part that is missing, named twice, unfinished or of other settings is named, and nothing is written', async () => {
  await using made = await madeInParts(3);
  const [first = '', second = '', third = ''] = made.dirs;
  await expect(made.merge([first, third])).rejects.toThrow('missing: part 2/3');
  await expect(made.merge([first, second, second, third])).rejects.toThrow('part 2/3 is there 2 times');
  const dir = join(made.bench.dir, 'results', 'other');
  const run = { shard: { index: 2, of: 3 }, trial: { timeoutMultiplier: 2 } };
  const other = await runJob(made.bench.request({ name: 'other', dir, run }), made.bench.tools(nop), forever);
  await expect(made.merge([first, other.dir, third])).rejects.toThrow('timeout multiplier was 1, is now 2');
  const [trial = ''] = (await readdir(third)).filter((name) => name.includes('__'));
  await rm(join(third, trial), { recursive: true });
  await expect(made.merge()).rejects.toThrow(/says that it made \d trials, and holds \d/);
  await rm(join(third, 'result.json'));
  await expect(made.merge()).rejects.toThrow(`${third} is not finished`);
  expect((await readdir(join(made.bench.dir, 'results'))).sort()).toEqual([
    'other',
    'part-1',
    'part-2',
    'part-3',
  ]);
});

test('a job that is no part, and a target that exists, are refused', async () => {
  await using made = await madeInParts(1);
  const plain = await runJob(made.bench.request(), made.bench.tools(nop), forever);
  await expect(made.merge([plain.dir])).rejects.toThrow('it was not run with --shard');
  await made.merge();
  await expect(made.merge()).rejects.toThrow('is there already');
});

test('links of a part are left out, and a trial that two parts hold is a fault', async () => {
  await using made = await madeInParts(2);
  const [first = '', second = ''] = made.dirs;
  const [trial = ''] = (await readdir(first)).filter((name) => name.includes('__'));
  await writeFile(join(made.bench.dir, 'secret'), 'x');
  await symlink(join(made.bench.dir, 'secret'), join(first, trial, 'stolen'));
  expect((await made.merge()).leftOut).toEqual([`${trial}/stolen`]);
  await rm(made.out, { recursive: true });
  await cp(join(first, trial), join(second, trial), { recursive: true });
  const file = join(second, 'result.json');
  const totals = JSON.parse(await readFile(file, 'utf8')) as { n_total_trials: number };
  await writeFile(file, JSON.stringify({ ...totals, n_total_trials: totals.n_total_trials + 1 }));
  await expect(made.merge()).rejects.toThrow(`trial ${trial} is in more than one part`);
});
