import { chmod, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { imageUses } from './image-uses.js';

const id = `sha256:${'ab'.repeat(32)}`;

test('a use is remembered across processes, and that tbench fetched the image stays known', async () => {
  await using folder = await scratchFolder();
  await imageUses(folder.dir).note(id, { isFetched: true });
  await utimes(join(folder.dir, 'ab'.repeat(32)), 1, 1);
  await imageUses(folder.dir).note(id, { isFetched: false });
  const use = (await imageUses(folder.dir).all()).get(id);
  expect(use?.isFetched).toBe(true);
  expect(Date.now() - (use?.atMs ?? 0)).toBeLessThan(60_000);
});

test('what is no image id is not written, and strange files are passed over', async () => {
  await using folder = await scratchFolder();
  await imageUses(folder.dir).note('sha256:../../etc/passwd', { isFetched: true });
  await writeFile(join(folder.dir, 'README'), 'x');
  expect((await imageUses(folder.dir).all()).size).toBe(0);
});

test('a cache that is a file keeps no job from running', async () => {
  await using folder = await scratchFolder();
  const file = join(folder.dir, 'file');
  await writeFile(file, 'x');
  await chmod(file, 0o400);
  await imageUses(file).note(id, { isFetched: true });
  expect((await imageUses(file).all()).size).toBe(0);
});
