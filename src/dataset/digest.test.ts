import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../test/doubles/task-folder.js';
import { packageDigest, taskChecksum, taskDigests } from './digest.js';

const files = {
  'task.toml': 'version = "1.0"\n',
  'instruction.md': 'Zähle.\n',
  'README.md': 'r\n',
  'environment/Dockerfile': 'FROM x\n',
  'environment/data/a.bin': Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  'environment/data-2/b': '',
  'environment/data.txt': 'x',
  'tests/test.sh': 'true\n',
  'tests/é.py': '1\n',
  'tests/Z.py': '2\n',
  'solution/solve.sh': 'echo\n',
};
const unpackaged = { 'notes.txt': 'not packaged\n', 'extra/deep/er/file': 'deep\n' };

/** Computed apart from this code: the digest by the formula in Python, the checksum by PyPI's dirhash 0.5. */
const digest = 'sha256:2a97c0f11d6764df601c2ea9fdc2132aafb233706bd9f5945f9ab100ceb093d3';
const checksum = 'fa33ab3b9d8607a389ea35bad9c26f336412e8f85db982d83942bb00c77b4a14';

test('both hashes of a folder are those that other tools compute', async () => {
  await using scratch = await scratchFolder();
  const dir = await scratch.write({ ...files, ...unpackaged });
  await mkdir(path.join(dir, 'environment/empty'));
  expect(await taskDigests(dir)).toEqual({ digest, checksum });
  expect(await packageDigest(dir)).toBe(digest);
  expect(await taskChecksum(dir)).toBe(checksum);
});

test('a file outside the package changes the checksum and not the digest', async () => {
  await using scratch = await scratchFolder();
  const dir = await scratch.write(files);
  const result = await taskDigests(dir);
  expect(result.digest).toBe(digest);
  expect(result.checksum).not.toBe(checksum);
});
