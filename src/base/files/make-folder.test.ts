import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-make-folder-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it('makes what is missing, and is content with what is there', async () => {
  await makeFolder(join(dir, 'a/b/c'));
  await makeFolder(join(dir, 'a/b/c'));
  await symlink(join(dir, 'a'), join(dir, 'link'));
  await makeFolder(join(dir, 'link'));
  expect((await stat(join(dir, 'a/b/c'))).isDirectory()).toBe(true);
});

it.each(['/proc/foo', '/proc/foo/bar', '/sys/foo', '/dev/null/x'])(
  'ends with an error at %s',
  async (path) => {
    await expect(makeFolder(path)).rejects.toThrow();
  },
);

it('refuses a file, and a link to nothing', async () => {
  await writeFile(join(dir, 'file'), '');
  await symlink(join(dir, 'nowhere'), join(dir, 'dangling'));
  await expect(makeFolder(join(dir, 'file'))).rejects.toThrow();
  await expect(makeFolder(join(dir, 'file', 'x'))).rejects.toThrow();
  await expect(makeFolder(join(dir, 'dangling'))).rejects.toThrow();
});
