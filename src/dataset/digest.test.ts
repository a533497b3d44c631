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

/** Each digest is what the packager of Harbor 0.26.0 computes for these files. */
const written = {
  'task.toml': 't',
  'instruction.md': 'i',
  'environment/Dockerfile': 'FROM x',
  'tests/test.sh': 's',
};
const vectors: readonly (readonly [title: string, files: Record<string, string>, digest: string])[] = [
  [
    'bytecode and editor files do not count',
    {
      'environment/__pycache__/a.pyc': '1',
      'tests/x.pyc': '2',
      'tests/.DS_Store': '3',
      'environment/a.swp': '4',
      'environment/b~': '5',
      'solution/__pycache__/solve.sh': '6',
    },
    'sha256:289c65100a37e9207c524e00ea5e41709d3e521d73d4ae62ecefbdd355d41c36',
  ],
  [
    'a .gitignore takes the place of the default list',
    {
      '.gitignore': 'data/\n*.log\n',
      'environment/data/x': '1',
      'environment/a.log': '2',
      'tests/x.pyc': '3',
      'tests/data': '4',
    },
    'sha256:12f835b1af9adbcbeefe834037c48e238282fa8b3c0cfaff1d83532aac07216b',
  ],
  [
    'a pattern may be anchored, or kept by an exception',
    {
      '.gitignore': '/tests/big/\nenvironment/*.bin\n!environment/keep.bin\n',
      'tests/big/x': '1',
      'environment/big/y': '2',
      'environment/a.bin': '3',
      'environment/keep.bin': '4',
      'environment/deep/a.bin': '5',
    },
    'sha256:0daab1fbfed1fad15394db0d0ee82762a696314a460c7e0e51bb6ee30cceade1',
  ],
  [
    'a task may leave out its own description',
    { '.gitignore': 'instruction.md\n**/cache/**\n', 'tests/cache/x': '1', 'tests/a/cache/b/c': '2' },
    'sha256:b36ba448c9237877fcc7ab5a2d423a739e9ca53bf77aa3dbbef6df59a089e8fc',
  ],
  [
    'a .harborignore counts in tests and solution, and never itself',
    {
      'tests/.harborignore': 'local/\n*.tmp\n',
      'tests/local/x': '1',
      'tests/a.tmp': '2',
      'solution/local/x': '3',
      'environment/.harborignore': '*',
      'environment/kept': '4',
    },
    'sha256:7db2a231374e19704e995a43123528a62f4238fee4bd55d538077c9cd6be23d0',
  ],
  [
    'an inner .harborignore has the last word',
    {
      'tests/.harborignore': '*.csv\n',
      'tests/a/.harborignore': '!b.csv\n',
      'tests/a/b.csv': '1',
      'tests/a/c.csv': '2',
      'tests/b.csv': '3',
    },
    'sha256:9fb3e23ed20c3d5c0c535a1b4ef90c6c409559f0941e1976c0c997a1c19ee4bc',
  ],
  [
    'steps have theirs',
    {
      'steps/one/tests/.harborignore': 'x\n',
      'steps/one/tests/x': '1',
      'steps/one/tests/y': '2',
      'steps/one/.harborignore': 'solution\n',
      'steps/one/solution/s': '3',
    },
    'sha256:c82363f2ceb51c5f1a071679444c35d8062cef5be2870a5f94d56a78bcb05781',
  ],
];

test.each(vectors)('%s: the digest is that of Harbor', async (_title, more, expected) => {
  await using scratch = await scratchFolder();
  expect(await packageDigest(await scratch.write({ ...written, ...more }))).toBe(expected);
});
