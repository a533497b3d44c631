import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { taskDigests } from '../../src/dataset/digest.js';
import { findDataset, loadDataset, type LoadDatasetOptions } from '../../src/dataset/load-dataset.js';
import { loadManifest } from '../../src/dataset/source/manifest.js';
import { publishRepository, startGitServer, type GitServer } from '../doubles/git-server.js';
import { harborTask, scratchFolder, type ScratchFolder } from '../doubles/task-folder.js';

let scratch: ScratchFolder;
let server: GitServer;
beforeEach(async () => {
  scratch = await scratchFolder();
  await mkdir(path.join(scratch.dir, 'srv/acme'), { recursive: true });
  server = await startGitServer({ root: path.join(scratch.dir, 'srv') });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

/** Publishes tasks, by their folders in the repository; returns its URL and commit. */
async function publish(repository: string, folders: readonly string[], toml?: string) {
  const files = folders.map((folder) => harborTask(`work-${repository}/${folder}`, toml));
  await scratch.write(
    Object.assign({ [`work-${repository}/README.md`]: 'x' }, ...files) as Record<string, string>,
  );
  const bare = path.join(scratch.dir, `srv/acme/${repository}.git`);
  const commit = publishRepository(path.join(scratch.dir, `work-${repository}`), bare);
  return { url: `${server.url}/acme/${repository}.git`, commit };
}

function options(more: Partial<LoadDatasetOptions> = {}): LoadDatasetOptions {
  return {
    cacheDir: path.join(scratch.dir, 'cache'),
    shippedDir: path.join(scratch.dir, 'shipped'),
    mirror: null,
    hostEnv: process.env,
    pull: 'missing',
    ...more,
  };
}

async function namesOf(reference: string, more: Partial<LoadDatasetOptions> = {}): Promise<string[]> {
  const { tasks, broken } = await loadDataset(reference, options(more));
  expect(broken).toEqual([]);
  return tasks.map(({ name }) => name).sort();
}

describe('any git repository', () => {
  test('gives the tasks of its root, of its tasks/, of a folder, or one of them, at any ref', async () => {
    const { url, commit } = await publish('set', ['tasks/a', 'tasks/b', 'more/deep/c', 'more/a/tests/inner']);
    expect(await namesOf(`git+${url}`)).toEqual(['a', 'b']);
    expect(await namesOf(`git+${url}@main#tasks`)).toEqual(['a', 'b']);
    expect(await namesOf(`git+${url}@${commit}#more/deep/`)).toEqual(['c']);
    expect(await namesOf(`git+${url}#./tasks/b`)).toEqual(['b']);
  });

  test('without a task there, or without that ref, is an error', async () => {
    const { url } = await publish('set', ['a']);
    await expect(loadDataset(`git+${url}#nothing`, options())).rejects.toThrow("none of the dataset's tasks");
    await expect(loadDataset(`git+${url}@v9`, options())).rejects.toThrow('has no v9');
  });

  test('may be one task itself, without its history', async () => {
    const { url } = await publish('single', ['']);
    const { tasks, dir } = await loadDataset(`git+${url}`, options());
    expect(tasks.map(({ name }) => name)).toEqual(['single']);
    await expect(stat(path.join(dir, 'single', '.git'))).rejects.toThrow('ENOENT');
  });

  test('is fetched once, also where the server is gone afterwards', async () => {
    const { url } = await publish('set', ['a']);
    const before = await loadDataset(`git+${url}`, options());
    await server[Symbol.asyncDispose]();
    expect(await loadDataset(`git+${url}`, options({ pull: 'never' }))).toEqual(before);
  });

  test.each([
    ['git+ssh://git@host.example/org/set.git', 'ssh://git@host.example/org/set.git', null],
    ['git+ssh://git@host.example/org/set.git@v1', 'ssh://git@host.example/org/set.git', 'v1'],
    ['git+git@host.example:org/set.git', 'git@host.example:org/set.git', null],
    ['git+git@host.example:org/set.git@feature/x#a', 'git@host.example:org/set.git', 'feature/x'],
    ['git+https://host.example/org/set@feature/x', 'https://host.example/org/set', 'feature/x'],
  ])('%s is read as address and ref', async (text, git, ref) => {
    const reference = await findDataset(text, options());
    expect(reference).toMatchObject({
      kind: 'manifest',
      manifest: { sources: [{ git, ref, commit: null }] },
    });
  });

  test.each(['git+--upload-pack=x', 'git+https://h/x.git@-x', 'git+https://h/x.git#../y'])(
    '%s is refused',
    async (text) => {
      await expect(findDataset(text, options())).rejects.toThrow('no repository');
    },
  );
});

describe('a registry.json of Harbor', () => {
  async function registry(): Promise<string> {
    const one = await publish('one', ['tasks/a', 'tasks/b']);
    const two = await publish('two', ['deep/tasks/a']);
    const task = (name: string, at: { url: string; commit: string }, folder: string) => ({
      name,
      git_url: at.url,
      git_commit_id: at.commit,
      path: folder,
    });
    const entry = (version: string, tasks: unknown[]) => ({
      name: 'acme/set',
      version,
      description: '',
      tasks,
      metrics: [],
    });
    const both = [task('a', one, 'tasks/a'), task('acme/second', two, 'deep/tasks/a')];
    const datasets = [entry('1.9', [task('b', one, 'tasks/b')]), entry('1.10', both)];
    await scratch.write({ 'registry.json': JSON.stringify(datasets) });
    return path.join(scratch.dir, 'registry.json');
  }

  test('resolves names, the highest version without one, and fetches tasks of several repositories', async () => {
    const file = await registry();
    expect(await namesOf('acme/set@1.9', { registry: file })).toEqual(['b']);
    expect(await namesOf('acme/set', { registry: file })).toEqual(['a', 'second']);
    expect(await namesOf(`${file}#acme/set@1.10`)).toEqual(['a', 'second']);
    expect(await namesOf(`${file}#acme/set@1.10`, { pull: 'never' })).toEqual(['a', 'second']);
  });

  test('tells a name that it does not have, and that it has several', async () => {
    const file = await registry();
    await expect(loadDataset('acme/other', options({ registry: file }))).rejects.toMatchObject({
      hint: expect.stringContaining('has none of that name') as unknown,
    });
    await expect(loadDataset(file, options())).rejects.toThrow('2 datasets: say which');
  });
});

describe('tasks of a registry that share a folder', () => {
  test.each([
    ['the same one', ['tasks/a', 'tasks/a']],
    ['one in the other', ['tasks/a', 'tasks/a/more/b']],
    ['the inner one first', ['tasks/a/more/b', 'tasks/a']],
    ['the whole repository and one of its folders', ['.', 'tasks/a']],
    ['one whose name begins like the other', ['tasks/a', 'tasks/a-b']],
  ])('each get it: %s', async (_, folders) => {
    const { url, commit } = await publish('set', ['', 'tasks/a', 'tasks/a/more/b', 'tasks/a-b']);
    const tasks = folders.map((folder, index) => {
      return { name: `acme/t${index}`, git_url: url, git_commit_id: commit, path: folder };
    });
    await scratch.write({ 'registry.json': JSON.stringify([{ name: 'acme/set', version: '1', tasks }]) });
    expect(await namesOf(`${path.join(scratch.dir, 'registry.json')}#acme/set`)).toEqual(['t0', 't1']);
  });

  test('of one name are refused with both names', async () => {
    const { url, commit } = await publish('set', ['tasks/a', 'tasks/b']);
    const task = (name: string, folder: string) => {
      return { name, git_url: url, git_commit_id: commit, path: folder };
    };
    const tasks = [task('one/a', 'tasks/a'), task('two/a', 'tasks/b')];
    await scratch.write({ 'registry.json': JSON.stringify([{ name: 'acme/set', version: '1', tasks }]) });
    await expect(
      loadDataset(`${path.join(scratch.dir, 'registry.json')}#acme/set`, options()),
    ).rejects.toThrow('one/a and two/a');
  });
});

describe('a dataset.toml', () => {
  test('with several sources takes the first whose tasks are as published, over one that is gone', async () => {
    const wrong = await publish('mirror', ['a'], 'schema_version = "1.0"\n');
    const right = await publish('origin', ['a']);
    const { digest } = await taskDigests(path.join(scratch.dir, 'work-origin/a'));
    const source = (url: string): string => `[[dataset.source]]\ngit = "${url}"\n`;
    const text = (urls: readonly string[]): string =>
      `[dataset]\nname = "acme/set"\n${urls.map(source).join('')}[[tasks]]\nname = "acme/a"\ndigest = "${digest}"\n`;
    const gone = `${server.url}/acme/gone.git`;
    await scratch.write({ 'shipped/set/dataset.toml': text([gone, wrong.url, right.url]) });
    expect(await loadDataset('set', options())).toMatchObject({ origin: { url: right.url }, warnings: [] });
    const elsewhere = options({ cacheDir: path.join(scratch.dir, 'other') });
    await scratch.write({ 'shipped/set/dataset.toml': text([gone, wrong.url]) });
    const { origin, warnings } = await loadDataset('set', elsewhere);
    expect(origin?.url).toBe(wrong.url);
    expect(warnings).toEqual([expect.stringContaining('differs from the published task')]);
  });

  test('may say for a task where it lies', async () => {
    const { url, commit } = await publish('set', ['x/y/a', 'a']);
    await scratch.write({
      'shipped/set/dataset.toml': `[dataset]\nname = "acme/set"\n[[tasks]]\nname = "acme/mine"\ngit = "${url}"\ncommit = "${commit}"\npath = "x/y/a"\n`,
    });
    expect(await namesOf('set')).toEqual(['mine']);
  });

  test('of Harbor is read whole, and a metric of its own is told as unused', async () => {
    await scratch.write({
      'dataset.toml': `schema_version = "1.0"\n[dataset]\nname = "acme/set"\n[metadata]\nanything = { at = "all" }\n[[tasks]]\nname = "acme/a"\ndigest = "sha256:${'0'.repeat(64)}"\n[[files]]\npath = "metric.py"\ndigest = ""\n`,
    });
    const { warnings, tasks } = await loadManifest(path.join(scratch.dir, 'dataset.toml'));
    expect(tasks).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('metric.py is not used')]);
  });
});
