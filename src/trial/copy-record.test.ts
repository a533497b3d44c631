import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { copyRecord } from './copy-record.js';

const root = mkdtempSync(join(tmpdir(), 'copy-record-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('only regular files of a bounded size are copied, and the others told without being opened', async () => {
  const from = join(root, 'from');
  await mkdir(join(from, 'agent'), { recursive: true });
  writeFileSync(join(from, 'agent', 'plain'), 'plain');
  execFileSync('mkfifo', [join(from, 'pipe')]);
  symlinkSync('/dev/zero', join(from, 'endless'));
  symlinkSync('..', join(from, 'agent', 'up'));
  writeFileSync(join(from, 'huge'), '');
  truncateSync(join(from, 'huge'), 17 * 2 ** 30);
  const left = await copyRecord(from, join(root, 'to'));
  expect([...left].sort()).toEqual(['agent/up', 'endless', 'huge', 'pipe']);
  expect(readdirSync(join(root, 'to'), { recursive: true }).sort()).toEqual(['agent', 'agent/plain']);
});

it('folders without end are refused', async () => {
  const deep = Array.from({ length: 40 }, () => 'a').join('/');
  await mkdir(join(root, 'deep', deep), { recursive: true });
  await expect(copyRecord(join(root, 'deep'), join(root, 'deep-to'))).rejects.toThrow('more than 32 levels');
});
