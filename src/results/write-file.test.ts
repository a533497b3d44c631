import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ResultsError } from '../base/errors.js';
import { writeError, writeFileAtomic, writeJson } from './write-file.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tbench-write-'));
});
afterEach(() => rm(dir, { recursive: true }));

test('creates the folder, replaces the old file and leaves nothing else', async () => {
  const path = join(dir, 'a', 'b.json');
  await writeJson(path, { n: 1 });
  await writeJson(path, { n: 2 });
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ n: 2 });
  expect(await readdir(join(dir, 'a'))).toEqual(['b.json']);
});

test('a write that fails leaves the old file and no temporary one', async () => {
  const blocked = join(dir, 'file');
  await writeFile(blocked, 'old');
  await expect(writeFileAtomic(join(blocked, 'x'), 'new')).rejects.toBeInstanceOf(ResultsError);
  expect(await readdir(dir)).toEqual(['file']);
  expect(await readFile(blocked, 'utf8')).toBe('old');
});

test('a full disk is named, with what to do', () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const error = writeError('/r/x', full);
  expect(error.message).toBe('cannot write /r/x: no space left on device');
  expect(error.hint).toContain('run the same command again');
});
