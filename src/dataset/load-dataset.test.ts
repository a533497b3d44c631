import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { harborTask, scratchFolder, type ScratchFolder } from '../../test/doubles/task-folder.js';
import { InputError } from '../base/errors.js';
import { loadDataset, shippedDatasets } from './load-dataset.js';
import { datasetPlaces } from './source/places.js';
import type { Dataset } from './task.js';

let scratch: ScratchFolder;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch[Symbol.asyncDispose]());

function load(nameOrPath: string): Promise<Dataset> {
  const places = datasetPlaces({ XDG_CACHE_HOME: path.join(scratch.dir, 'cache') });
  return loadDataset(nameOrPath, { ...places, pull: 'never' });
}

describe('a dataset', () => {
  test('is a folder of tasks; other folders are ignored and a bad task is broken, not fatal', async () => {
    await scratch.write({
      ...harborTask('set/b'),
      ...harborTask('set/a'),
      ...harborTask('set/bad', 'agent = 3\n'),
      'set/docs/readme.txt': 'no task',
      'set/.hidden/task.toml': '',
      'set/README.md': '',
    });
    const dataset = await load(path.join(scratch.dir, 'set'));
    expect(dataset).toMatchObject({ name: 'set', version: null, origin: null, warnings: [] });
    expect(dataset.tasks.map((task) => task.name)).toEqual(['a', 'b']);
    expect(dataset.broken.map(({ name, error }) => [name, error.message])).toEqual([
      ['bad', expect.stringContaining('task.toml: agent:')],
    ]);
  });

  test('is one task folder, or a checkout with its tasks below tasks/', async () => {
    await scratch.write(harborTask('repo/tasks/one'));
    expect((await load(path.join(scratch.dir, 'repo/tasks/one'))).tasks.map(({ name }) => name)).toEqual([
      'one',
    ]);
    expect((await load(path.join(scratch.dir, 'repo'))).tasks.map(({ name }) => name)).toEqual(['one']);
  });

  test('follows its dataset.toml: only what it lists, and what is missing is broken', async () => {
    await scratch.write({
      ...harborTask('set/a'),
      ...harborTask('set/b'),
      'set/dataset.toml':
        '[dataset]\nname = "acme/set"\nverison = "1"\n[[tasks]]\nname = "acme/b"\n[[tasks]]\nname = "acme/c"\n',
    });
    const file = path.join(scratch.dir, 'set/dataset.toml');
    const dataset = await load(file);
    expect(dataset.tasks.map(({ name }) => name)).toEqual(['b']);
    expect(dataset.broken.map(({ name }) => name)).toEqual(['c']);
    expect(dataset.warnings).toEqual([
      `${file}: unknown key dataset.verison (did you mean dataset.version?)`,
      `a is not listed in ${file} and is left out`,
    ]);
  });

  test('may hold a task that is a link', async () => {
    await scratch.write({ ...harborTask('elsewhere/a'), 'set/x': '' });
    await symlink(path.join(scratch.dir, 'elsewhere/a'), path.join(scratch.dir, 'set/a'));
    expect((await load(path.join(scratch.dir, 'set'))).tasks.map(({ name }) => name)).toEqual(['a']);
  });

  test.each([
    ['an empty folder', '.', /no task in this folder/],
    ['an unknown name', 'tb-light', /there is no dataset "tb-light"/],
    ['a task name that climbs out', 'climb', /tasks\[0\]\.name/],
  ])('is an input error for %s', async (_what, place, message) => {
    await scratch.write({ 'climb/dataset.toml': '[dataset]\nname = "x"\n[[tasks]]\nname = "../x"\n' });
    const error = load(place === 'tb-light' ? place : path.join(scratch.dir, place));
    await expect(error).rejects.toThrow(message);
    await expect(error).rejects.toBeInstanceOf(InputError);
  });

  test('that ships as a manifest and is not fetched says how to fetch it', async () => {
    await expect(load('tb-lite')).rejects.toMatchObject({ hint: 'tbench datasets pull tb-lite' });
    await expect(load('terminal-bench/terminal-bench-2-1')).rejects.toThrow('tb-2.1 has not been fetched');
    await expect(load('terminal-bench@2.0')).rejects.toThrow('tb-2.0 has not been fetched');
  });
});

test('the shipped manifests pin what is known of the published datasets', async () => {
  const shipped = await shippedDatasets(datasetPlaces({}).shippedDir);
  const facts = shipped.flatMap((one) => {
    if (one.kind === 'folder') return [];
    const { tasks, sources, warnings } = one.manifest;
    const count = (key: 'digest' | 'checksum'): number => tasks.filter((task) => task[key] !== null).length;
    return [
      [
        one.name,
        tasks.length,
        count('digest'),
        count('checksum'),
        sources[0]?.commit?.slice(0, 8) ?? null,
        warnings.length,
      ],
    ];
  });
  expect(facts).toEqual([
    ['tb-2.0', 89, 89, 89, '69671fba', 0],
    ['tb-2.1', 89, 89, 0, null, 0],
    ['tb-3.0', 0, 0, 0, null, 0],
    ['tb-4.0', 66, 0, 0, '452bf305', 0],
    ['tb-lite', 100, 0, 100, 'f075e463', 0],
    ['tb-science', 0, 0, 0, null, 0],
  ]);
});
