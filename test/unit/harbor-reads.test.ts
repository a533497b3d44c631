import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { identify } from '../../src/base/process-identity.js';
import { LockedError } from '../../src/base/errors.js';
import { runJob } from '../../src/job/run-job.js';
import { readJobFolder } from '../../src/results/read-job-folder.js';
import { exportFolder } from '../../src/review/export/export-folder.js';
import { keepAll } from '../../src/review/export/redact-for-sharing.js';
import { harborModels } from '../doubles/harbor-models.js';
import { agentOf, openJobBench } from '../doubles/trial-tools.js';

const forever = new AbortController().signal;
const nop = { ...agentOf(() => 'finished'), name: 'nop' };

async function json(...path: string[]): Promise<unknown> {
  return JSON.parse(await readFile(join(...path), 'utf8'));
}

async function foldersOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Throws where Harbor would refuse a file. */
async function readAsHarbor(dir: string): Promise<{ trials: number; locks: unknown[] }> {
  const check = async (models: Record<string, z.ZodType>, ...at: string[]): Promise<void> => {
    for (const [file, model] of Object.entries(models)) model.parse(await json(...at, file));
  };
  await check(harborModels.job, dir);
  const trials = await foldersOf(dir);
  for (const trial of trials) await check(harborModels.trial, dir, trial);
  const locks = await Promise.all(trials.map((trial) => json(dir, trial, 'lock.json')));
  return { trials: trials.length, locks };
}

async function exported(job: string, out: string): Promise<string> {
  const [summary] = await readJobFolder(job);
  if (summary === undefined) throw new Error('no job');
  await exportFolder(summary, summary.trials, { format: 'harbor', out, clean: keepAll });
  return out;
}

test('every file of a job folder, and of its export, is as Harbor’s models want it', async () => {
  await using bench = await openJobBench(2);
  const { dir } = await runJob(bench.request(), bench.tools(nop), forever);
  expect((await readAsHarbor(dir)).trials).toBe(4);
  expect((await readAsHarbor(await exported(dir, join(bench.dir, 'out')))).trials).toBe(4);
});

test('a failed trial is as Harbor’s models want it, and so is a job that broke off', async () => {
  await using bench = await openJobBench(1);
  const timedOut = { ...agentOf(() => 'agent-timeout'), name: 'nop' };
  const { dir } = await runJob(bench.request(), bench.tools(timedOut), forever);
  expect((await readAsHarbor(dir)).trials).toBe(2);
});

test('the job’s lock lists what its trials’ locks say, also those of an earlier start', async () => {
  await using bench = await openJobBench(2);
  const { dir } = await runJob(bench.request(), bench.tools(nop), forever);
  const first = await json(dir, 'lock.json');
  const [task] = bench.dataset.tasks;
  if (task === undefined) throw new Error('no task');
  await runJob(bench.request({ tasks: [task], run: { attempts: 3 } }), bench.tools(nop), forever);
  const lock = harborModels.job['lock.json'].parse(await json(dir, 'lock.json'));
  const { locks, trials } = await readAsHarbor(dir);
  expect([trials, lock.trials.length]).toEqual([5, 5]);
  expect(new Set(lock.trials.map((one) => JSON.stringify(one)))).toEqual(
    new Set(locks.map((one) => JSON.stringify(one))),
  );
  expect(lock.created_at).toBe(harborModels.job['lock.json'].parse(first).created_at);
});

test('a living process of 0.1.0, which says so in lock.json, keeps its job; a dead one’s is taken', async () => {
  await using bench = await openJobBench(1);
  const { dir } = await runJob(bench.request(), bench.tools(nop), forever);
  const claim = { ...identify(), token: 'old', since: new Date().toISOString() };
  await writeFile(join(dir, 'lock.json'), JSON.stringify(claim));
  await expect(runJob(bench.request(), bench.tools(nop), forever)).rejects.toThrow(LockedError);
  await writeFile(join(dir, 'lock.json'), JSON.stringify({ ...claim, startedAt: 'never' }));
  await runJob(bench.request(), bench.tools(nop), forever);
  expect((await readAsHarbor(dir)).trials).toBe(2);
});

const golden = 'test/fixtures/golden-0.1.0';

test.each(['finished', 'oracle', 'interrupted'])(
  'of the job %s of 0.1.0 an export says path or name, and gives each trial a lock',
  async (job) => {
    await using bench = await openJobBench(1);
    const out = await exported(join(golden, job), join(bench.dir, job));
    const trials = await foldersOf(out);
    for (const trial of trials) {
      harborModels.trial['lock.json'].parse(await json(out, trial, 'lock.json'));
      for (const file of ['config.json', 'result.json']) {
        const { config, task } = (await json(out, trial, file)) as Record<string, Record<string, unknown>>;
        harborModels.trial['config.json'].shape.task.parse(task ?? config?.['task']);
      }
    }
    const { datasets } = (await json(out, 'config.json')) as { datasets: unknown };
    harborModels.job['config.json'].shape.datasets.parse(datasets);
    expect(harborModels.job['lock.json'].parse(await json(out, 'lock.json')).trials).toHaveLength(
      trials.length,
    );
  },
);
