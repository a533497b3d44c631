import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { harborTask, scratchFolder } from '../../../test/doubles/task-folder.js';
import { packageDigest } from '../digest.js';
import { loadTask } from '../load-task.js';
import { collectSolutionFiles, collectTestFiles } from '../upload-files.js';
import { parseGitignore } from './gitignore.js';

test('what a .harborignore leaves out is not put into a sandbox', async () => {
  await using scratch = await scratchFolder();
  const dir = await scratch.write({
    ...harborTask('.'),
    'tests/.harborignore': 'local/\n',
    'tests/local/big.bin': 'x',
    'tests/data/local': 'y',
    'solution/.harborignore': '*.orig',
    'solution/solve.sh': 'true',
    'solution/solve.sh.orig': 'false',
  });
  const task = await loadTask(dir);
  const paths = (files: readonly { path: string }[] | null): string[] =>
    (files ?? []).map((file) => file.path);
  expect(paths(await collectTestFiles(task))).toEqual(['data/local', 'test.sh']);
  expect(paths(await collectSolutionFiles(task))).toEqual(['solve.sh']);
});

test('a task whose .harborignore leaves out its test script cannot be loaded', async () => {
  await using scratch = await scratchFolder();
  const dir = await scratch.write({ ...harborTask('.'), 'tests/.harborignore': '*.sh' });
  await expect(loadTask(dir)).rejects.toThrow(/test\.sh: a \.harborignore leaves it out/);
});

test('a file behind a link to a folder does not count in the digest, a linked file does', async () => {
  await using scratch = await scratchFolder();
  const dir = await scratch.write({ ...harborTask('.'), 'tests/real/a': 'x' });
  const before = await packageDigest(dir);
  await symlink('real', path.join(dir, 'tests/linked'));
  expect(await packageDigest(dir)).toBe(before);
  await symlink('real/a', path.join(dir, 'tests/alias'));
  expect(await packageDigest(dir)).not.toBe(before);
});

test('patterns with many ways of matching take bounded time', { timeout: 2000 }, () => {
  const deep = `${'a/'.repeat(500)}b`;
  expect(parseGitignore(`${'**/a/'.repeat(100)}c`)(deep)).toBeNull();
  expect(parseGitignore(`${'*a'.repeat(200)}c`)('a'.repeat(2000))).toBeNull();
});
