import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { packFolder, unpackFolder } from './pack-folder.js';

const root = mkdtempSync(join(tmpdir(), 'pack-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('a folder that is larger than a queue may carry is not packed to its end', async () => {
  writeFileSync(join(root, 'file'), randomBytes(2 ** 20));
  expect(await packFolder(root, 2 ** 19)).toBeNull();
  expect((await packFolder(root, 2 ** 22))?.length).toBeGreaterThan(2 ** 20);
});

it('an archive that unfolds into more than is taken ends there, and says so', async () => {
  writeFileSync(join(root, 'file'), Buffer.alloc(2 ** 24));
  const content = await packFolder(root, 2 ** 22);
  const limits = { maxEntries: 10, maxFileBytes: 2 ** 20, maxTotalBytes: 2 ** 21 };
  const { files, refused, exceeded } = await unpackFolder(content!, join(root, 'out'), limits);
  expect(files).toEqual([]);
  expect(refused.length > 0 || exceeded !== null).toBe(true);
});
