import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { taskDigests } from '../../src/dataset/digest.js';
import { loadDataset, type LoadDatasetOptions } from '../../src/dataset/load-dataset.js';
import { EnvironmentError } from '../../src/base/errors.js';
import {
  publishRepository,
  startGitServer,
  type GitServer,
  type GitServerOptions,
} from '../doubles/git-server.js';
import { harborTask, scratchFolder, type ScratchFolder } from '../doubles/task-folder.js';

let scratch: ScratchFolder;
beforeEach(async () => {
  scratch = await scratchFolder();
});
afterEach(() => scratch[Symbol.asyncDispose]());

const bigBytes = 2_000_000;

/** Publishes a repository with two tasks and a big neighbour; returns its commit. */
async function publish(more: Record<string, string | Buffer> = {}, modern = true): Promise<string> {
  await scratch.write({
    'work/README.md': 'tasks',
    'work/unrelated/big.bin': randomBytes(bigBytes),
    ...prefix('work/tasks/', { ...harborTask('alpha'), ...harborTask('beta'), ...more }),
  });
  await mkdir(path.join(scratch.dir, 'srv/acme'), { recursive: true });
  return publishRepository(
    path.join(scratch.dir, 'work'),
    path.join(scratch.dir, 'srv/acme/set.git'),
    modern,
  );
}

function prefix<T>(start: string, files: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [start + name, text]));
}

async function manifest(source: string, tasks: readonly string[] = ['alpha', 'beta']): Promise<void> {
  const list = tasks.map((task) => `[[tasks]]\nname = "acme/${task}"\n`);
  await scratch.write({
    'shipped/set/dataset.toml': `[dataset]\nname = "acme/set"\nversion = "7"\n[dataset.source]\ngit = "https://git.example.invalid/acme/set.git"\n${source}\n${list.join('')}`,
  });
}

function serve(options: Omit<GitServerOptions, 'root'> = {}): Promise<GitServer> {
  return startGitServer({ root: path.join(scratch.dir, 'srv'), ...options });
}

function options(server: GitServer | string): LoadDatasetOptions {
  return {
    cacheDir: path.join(scratch.dir, 'cache'),
    shippedDir: path.join(scratch.dir, 'shipped'),
    mirror: typeof server === 'string' ? server : server.url,
    hostEnv: process.env,
    pull: 'missing',
  };
}

const cacheEntries = (): Promise<string[]> => readdir(path.join(scratch.dir, 'cache/datasets'));

describe('pulling a dataset', () => {
  test('fetches only the tasks of the pinned commit, once', async () => {
    const commit = await publish();
    await manifest(`commit = "${commit}"`);
    await using server = await serve();
    const dataset = await loadDataset('set', options(server));
    expect(dataset.tasks.map(({ name }) => name)).toEqual(['alpha', 'beta']);
    expect(dataset).toMatchObject({
      name: 'set',
      version: '7',
      origin: { url: `${server.url}/acme/set.git`, commit },
      warnings: [],
      broken: [],
    });
    expect(await cacheEntries()).toEqual([`set@${commit}`]);
    const sent = server.sentBytes();
    expect(sent).toBeLessThan(bigBytes / 4);
    await loadDataset('acme/set', options(server));
    expect(server.sentBytes()).toBe(sent);
  });

  test('keeps files byte for byte and their modes', async () => {
    const odd = Buffer.from('a\r\nb\n\xff\0');
    const commit = await publish({
      'alpha/environment/odd.bin': odd,
      'alpha/.gitattributes': '* text=auto\n',
    });
    await manifest(`commit = "${commit}"`);
    await using server = await serve();
    const { dir } = await loadDataset('set', options(server));
    expect(await readFile(path.join(dir, 'alpha/environment/odd.bin'))).toEqual(odd);
  });

  test('takes the default branch when nothing is pinned, and a named ref when one is', async () => {
    const commit = await publish();
    execFileSync('git', ['tag', '-a', '-m', 'x', 'v1', commit], {
      cwd: path.join(scratch.dir, 'srv/acme/set.git'),
      env: { ...process.env, GIT_COMMITTER_NAME: 't', GIT_COMMITTER_EMAIL: 't@example.invalid' },
    });
    await using server = await serve();
    await manifest('');
    expect((await loadDataset('set', options(server))).origin?.commit).toBe(commit);
    await manifest('ref = "v1"');
    const other = { ...options(server), cacheDir: path.join(scratch.dir, 'other') };
    expect((await loadDataset('set', other)).origin?.commit).toBe(commit);
  });

  test('works with an old server that serves neither single commits nor filters', async () => {
    const commit = await publish({}, false);
    await scratch.write({ 'work/later.txt': 'a second commit, so that the first is no tip' });
    const git = (...args: string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', ...args], {
        cwd: path.join(scratch.dir, 'work'),
        stdio: 'ignore',
      });
    git('add', '--all');
    git('commit', '--message', 'later');
    git('push', path.join(scratch.dir, 'srv/acme/set.git'), 'main');
    await manifest(`commit = "${commit}"`);
    await using server = await serve({ old: true });
    const lines: string[] = [];
    const dataset = await loadDataset('set', { ...options(server), onProgress: (line) => lines.push(line) });
    expect(lines.join()).toContain('the whole history');
    expect(dataset.origin?.commit).toBe(commit);
    expect(dataset.tasks).toHaveLength(2);
  });

  test('reports, task by task, what differs from the published content', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`;
    const commit = await publish({ 'beta/environment/model.bin': pointer });
    const work = path.join(scratch.dir, 'work/tasks');
    const { digest, checksum } = await taskDigests(path.join(work, 'alpha'));
    await scratch.write({
      'shipped/set/dataset.toml': `[dataset]\nname = "acme/set"\n[dataset.source]\ngit = "https://x.invalid/acme/set.git"\ncommit = "${commit}"
[[tasks]]\nname = "acme/alpha"\ndigest = "${digest}"\nchecksum = "${checksum}"
[[tasks]]\nname = "acme/beta"\ndigest = "sha256:${'0'.repeat(64)}"
[[tasks]]\nname = "acme/gamma"\n`,
    });
    await using server = await serve();
    const dataset = await loadDataset('set', options(server));
    expect(dataset.tasks.map(({ name }) => name)).toEqual(['alpha', 'beta']);
    expect(dataset.warnings).toEqual([
      expect.stringMatching(/^beta: 1 file\(s\) are Git LFS pointers \(environment\/model\.bin\)/),
      expect.stringMatching(
        /^beta: differs from the published task \(digest sha256:[0-9a-f]{12}…, published sha256:000/,
      ),
      'gamma: not in the repository',
    ]);
  });

  test('lists a task with a link out of its folder as broken', async () => {
    await scratch.write(prefix('work/tasks/', harborTask('beta')));
    await symlink('/etc/passwd', path.join(scratch.dir, 'work/tasks/beta/tests/passwd'));
    const commit = await publish();
    await manifest(`commit = "${commit}"`);
    await using server = await serve();
    const dataset = await loadDataset('set', options(server));
    expect(dataset.tasks.map(({ name }) => name)).toEqual(['alpha']);
    expect(dataset.broken[0]?.error.message).toMatch(/leaves the task's folder/);
  });

  test('twice at the same time gives one copy and no leftovers', async () => {
    const commit = await publish();
    await manifest(`commit = "${commit}"`);
    await using server = await serve();
    const both = await Promise.all([
      loadDataset('set', options(server)),
      loadDataset('set', options(server)),
    ]);
    expect(both.map(({ tasks }) => tasks.length)).toEqual([2, 2]);
    expect(await cacheEntries()).toEqual([`set@${commit}`]);
  });

  test('removes what a killed pull left', async () => {
    const commit = await publish();
    await manifest(`commit = "${commit}"`);
    const { pid } = await deadProcess();
    await scratch.write({
      [`cache/datasets/.pull-${pid}-x/tree/file`]: 'half',
      [`cache/datasets/.pull-${process.pid}-y/f`]: '',
    });
    await using server = await serve();
    await loadDataset('set', options(server));
    expect((await cacheEntries()).sort()).toEqual([`.pull-${process.pid}-y`, `set@${commit}`]);
  });
});

async function deadProcess(): Promise<{ pid: number }> {
  const { spawn } = await import('node:child_process');
  const child = spawn('true');
  await new Promise((resolve) => child.on('close', resolve));
  return { pid: child.pid ?? 0 };
}

describe('a pull that cannot succeed', () => {
  test.each([
    ['nobody listens', () => 'http://127.0.0.1:9', /cannot fetch http:\/\/127\.0\.0\.1:9\/acme\/set\.git/],
  ])('names the URL and the way round it when %s', async (_what, mirror, message) => {
    await manifest('');
    const pull = loadDataset('set', options(mirror()));
    await expect(pull).rejects.toThrow(message);
    await expect(pull).rejects.toBeInstanceOf(EnvironmentError);
    await expect(pull).rejects.toMatchObject({ hint: expect.stringContaining('--dataset PATH') as unknown });
    expect(await cacheEntries()).toEqual([]);
  });

  test('does not ask for a password', async () => {
    await manifest('');
    await using server = await serve({ locked: true });
    await expect(loadDataset('set', options(server))).rejects.toThrow(/cannot fetch/);
  });

  test('names the commit that the server does not have', async () => {
    await publish();
    await manifest(`commit = "${'a'.repeat(40)}"`);
    await using server = await serve();
    await expect(loadDataset('set', options(server))).rejects.toThrow(
      `commit ${'a'.repeat(40)} of ${server.url}`,
    );
  });

  test('says when the repository has none of the tasks', async () => {
    await publish();
    await manifest('', ['gamma']);
    await using server = await serve();
    await expect(loadDataset('set', options(server))).rejects.toThrow(/none of the dataset's tasks/);
  });

  test.each(['fetching', 'checking out', 'verifying'])(
    'cleans up when it is cancelled while %s',
    async (step) => {
      await publish();
      await manifest('');
      await using server = await serve();
      const controller = new AbortController();
      const onProgress = (line: string): void => {
        if (line.startsWith(step)) controller.abort(new Error('stop'));
      };
      const pull = loadDataset('set', { ...options(server), signal: controller.signal, onProgress });
      await expect(pull).rejects.toThrow('stop');
      expect(await cacheEntries()).toEqual([]);
    },
  );
});
