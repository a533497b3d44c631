import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gitReference } from '../dataset/source/git-reference.js';
import { datasetPlaces } from '../dataset/source/places.js';
import { readRunOfJob } from './read-run-of-job.js';

const repository = 'git+https://example.org/org/repo.git@0123456789abcdef0123456789abcdef01234567#some/tasks';
let root: string;
const places = datasetPlaces({});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tbench-run-of-job-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function jobOf(name: string, datasets: readonly string[]): Promise<string> {
  const tbench = {
    ...{ record_version: 1, version: '0.1.0', job_id: 'one', agent: 'nop', model: null, model_kind: 'none' },
    ...{ harness: null, clock: 'wall', tasks: [] },
    dataset: { name, version: null, origin: null, digest: null },
    run: { agent: { kind: 'nop' }, datasets },
  };
  const config = { job_name: 'job', n_attempts: 1, timeout_multiplier: 1, tbench };
  await writeFile(join(root, 'config.json'), JSON.stringify(config));
  return root;
}

it.each([
  ['a name that it is published under', 'tb-2.1', 'terminal-bench/terminal-bench-2-1'],
  ['its own name', 'tb-lite', 'tb-lite'],
  ['a repository', gitReference(repository).name, repository],
])('finds the dataset of a job among those of its run by %s', async (_, name, asked) => {
  const dir = await jobOf(name, ['sample', asked, '/no/such/folder']);
  const { spec } = await readRunOfJob(dir, places);
  expect(spec.datasets).toEqual([asked]);
});

it('finds a folder of tasks whose last part is not written', async () => {
  const mine = join(root, 'mine', 'deep');
  await mkdir(mine, { recursive: true });
  const dir = await jobOf('mine', ['sample', join(mine, '..')]);
  expect((await readRunOfJob(dir, places)).spec.datasets).toEqual([join(mine, '..')]);
});

it('refuses a job whose dataset is none of those that its run names', async () => {
  const dir = await jobOf('other', ['sample', 'tb-lite']);
  await expect(readRunOfJob(dir, places)).rejects.toThrow(/dataset other.*sample, tb-lite/);
});
