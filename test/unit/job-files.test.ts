import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageDigest } from '../../src/dataset/digest.js';
import { loadDataset } from '../../src/dataset/load-dataset.js';
import { runJob } from '../../src/job/run-job.js';
import { jobConfigSchema } from '../../src/record/job-config.js';
import type { JobSummary } from '../../src/record/job-summary.js';
import { advanceProgress, startProgress } from '../../src/report/progress/progress-state.js';
import { renderProgress } from '../../src/report/progress/render-progress.js';
import { readJobFolder } from '../../src/results/read-job-folder.js';
import { exportFolder } from '../../src/review/export/export-folder.js';
import { sideOfJob } from '../../src/score/comparison/comparison-side.js';
import { findDifferences } from '../../src/score/comparison/find-differences.js';
import { scoreJob } from '../../src/score/job/score-job.js';
import type { Verifier } from '../../src/verifier/verifier.js';
import { agentOf, openJobBench, verifierOf, type JobBench } from '../doubles/trial-tools.js';

const forever = new AbortController().signal;
const nop = agentOf(() => 'finished');

async function json(...path: string[]): Promise<unknown> {
  return JSON.parse(await readFile(join(...path), 'utf8'));
}

async function readOnly(dir: string): Promise<JobSummary> {
  const [job] = await readJobFolder(dir);
  if (job === undefined) throw new Error(`no job in ${dir}`);
  return job;
}

/** A verifier whose tests give two rewards, and none of them is named `reward`. */
function verifierOfTwo(): Verifier {
  const usual = verifierOf(0.75);
  return {
    ...usual,
    verify: async (request) => ({ ...(await usual.verify(request)), rewards: { style: 1, tests: 0.5 } }),
  };
}

test('a reward of two numbers is the same 0.75 in every file, display, score and export', async () => {
  await using bench = await openJobBench(1);
  const request = bench.request({ run: { attempts: 1 } });
  await runJob(request, bench.tools(nop, verifierOfTwo()), forever);

  const stored = { verifier_result: { rewards: { style: 1, tests: 0.5, reward: 0.75 } } };
  expect(await json(request.dir, 'task-1__1', 'result.json')).toMatchObject(stored);
  expect(await json(request.dir, 'result.json')).toMatchObject({
    stats: {
      evals: {
        nop__none__tasks: {
          metrics: [{ mean: 0.75 }],
          reward_stats: { reward: { '0.75': ['task-1__1'] } },
        },
      },
    },
  });
  expect(await readFile(join(request.dir, 'job.log'), 'utf8')).toContain('task-1__1 end: reward 0.75');
  const state = bench.events.reduce((all, event) => advanceProgress(all, event, 0), startProgress(0));
  expect(renderProgress(state, { columns: 120, rows: 24, nowMs: 0 })).toContain('mean 75.0 %');

  const job = await readOnly(request.dir);
  expect(scoreJob(job).mean).toBe(0.75);
  const out = join(bench.dir, 'harbor');
  await exportFolder(job, job.trials, { format: 'harbor', out, clean: (value) => value });
  const copy = await readOnly(out);
  expect(copy).toMatchObject({ format: 'harbor', problems: [], trials: [{ reward: 0.75 }] });
  expect(await readFile(join(out, 'task-1__1', 'verifier', 'reward.txt'), 'utf8')).toBe('0.75\n');
});

async function made(bench: JobBench, name: string): Promise<JobSummary> {
  const { origin, ...place } = bench.dataset;
  const dataset = await loadDataset(place.dir, {
    cacheDir: join(bench.dir, 'cache'),
    shippedDir: join(bench.dir, 'none'),
    mirror: null,
    hostEnv: {},
    pull: 'never',
  });
  const dir = join(bench.dir, 'results', name);
  const request = bench.request({ name, dir, dataset: { ...dataset, origin }, tasks: dataset.tasks });
  await runJob(request, bench.tools(nop), forever);
  return readOnly(dir);
}

test('two jobs of ours say that their datasets differ, when they do', async () => {
  await using bench = await openJobBench(2);
  const [one, again] = [await made(bench, 'one'), await made(bench, 'again')];
  expect(one.dataset.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(findDifferences(sideOfJob(one), sideOfJob(again))).toEqual([]);

  await writeFile(join(bench.dataset.dir, 'task-2', 'instruction.md'), 'Do it well.\n');
  const changed = await made(bench, 'changed');
  const told = findDifferences(sideOfJob(one), sideOfJob(changed)).map(({ detail }) => detail);
  expect(told[0]).toMatch(/^datasets differ: tasks sha256:\w+ and tasks sha256:\w+$/);
  expect(told[1]).toBe('1 tasks changed content: task-2');
});

test('a job that 0.1.0 left half done is continued: what it finished is kept to the byte', async () => {
  await using bench = await openJobBench(1);
  const dir = join(bench.dir, 'results', 'interrupted');
  await cp('test/fixtures/golden-0.1.0/interrupted', dir, { recursive: true });
  const found = jobConfigSchema.parse(await json(dir, 'config.json'));
  // The sample tasks may change; what the folder pins of them is not what this test is about.
  const sample = await loadDataset('tasks/sample', {
    cacheDir: join(bench.dir, 'cache'),
    shippedDir: join(bench.dir, 'none'),
    mirror: null,
    hostEnv: {},
    pull: 'never',
  });
  const names = new Set(found.tbench.tasks.map(({ name }) => name));
  const tasks = sample.tasks.filter(({ name }) => names.has(name));
  for (const pin of found.tbench.tasks) {
    const task = tasks.find(({ name }) => name === pin.name);
    if (task !== undefined) pin.digest = await packageDigest(task.dir);
  }
  await writeFile(join(dir, 'config.json'), JSON.stringify(found));
  const done = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const before = new Map<string, string>();
  for (const { name } of done) {
    const text = await readFile(join(dir, name, 'result.json'), 'utf8').catch(() => null);
    if (text !== null) before.set(name, text);
  }
  expect(before.size).toBe(3);

  const { harness, model } = found.tbench;
  if (harness === null || model === null) throw new Error('the golden job had a model');
  const request = bench.request({
    name: 'interrupted',
    dir,
    dataset: sample,
    tasks,
    run: { attempts: 2, agent: { kind: 'model', harness: { name: harness.name }, model: { name: model } } },
    model: { name: model, kind: 'scripted' },
    harness,
  });
  // The agent of a model's trial has the harness's name.
  const agent = { ...nop, name: harness.name };
  const report = await runJob(request, bench.tools(agent), forever);
  expect(report).toMatchObject({ done: 6, total: 6, reused: 3, unmeasured: [] });
  for (const [name, text] of before)
    expect(await readFile(join(dir, name, 'result.json'), 'utf8')).toBe(text);
  // What the interrupted trial had left is set aside, not mixed with the new try.
  expect(await readdir(join(dir, 'fix-interval-merge__2', 'tries', '1'))).toContain('trial.log');
  expect((await readOnly(dir)).trials).toHaveLength(6);
});
