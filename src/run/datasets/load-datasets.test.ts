import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { harborTask, scratchFolder, type ScratchFolder } from '../../../test/doubles/task-folder.js';
import { InputError } from '../../base/errors.js';
import { loadDatasets, loadDatasetsHere, type DatasetSurroundings } from './load-datasets.js';
import { pullNamedDataset } from './pull-named-dataset.js';

let scratch: ScratchFolder;
let told: string[];
let surroundings: DatasetSurroundings;
beforeEach(async () => {
  scratch = await scratchFolder();
  told = [];
  surroundings = {
    env: { XDG_CACHE_HOME: path.join(scratch.dir, 'cache') },
    signal: new AbortController().signal,
    tell: (line) => told.push(line),
  };
  await scratch.write({ ...harborTask('one/a'), ...harborTask('two/b') });
});
afterEach(() => scratch[Symbol.asyncDispose]());

test('loads each dataset once, in the order asked for', async () => {
  const [one, two] = [path.join(scratch.dir, 'one'), path.join(scratch.dir, 'two')];
  const datasets = await loadDatasets([two, one, two], surroundings);
  expect(datasets.map(({ name }) => name)).toEqual(['two', 'one']);
});

test('what is on this machine is loaded, and what would have to be fetched is named', async () => {
  const datasets = await loadDatasetsHere(surroundings);
  expect(datasets.map(({ name }) => name)).toEqual(['sample', 'sample-advanced']);
  expect(told).toEqual([expect.stringContaining('tb-lite')]);
});

test('a folder of tasks is not fetched: the error says where it is', async () => {
  const dir = path.join(scratch.dir, 'one');
  const pull = pullNamedDataset(dir, { force: false, url: null }, surroundings);
  await expect(pull).rejects.toThrow(InputError);
  await expect(pull).rejects.toThrow(`needs no fetching: its tasks are in ${dir}`);
});
