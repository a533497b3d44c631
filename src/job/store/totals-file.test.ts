import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobResult } from '../../record/job-result.js';
import { totalsFile } from './totals-file.js';

let dir: string;
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'tbench-totals-'))));
afterAll(() => rm(dir, { recursive: true }));

test.each([
  [3, 3],
  [10_000, 100],
])('of a job of %i trials the totals are written %i times while they end', async (trials, expected) => {
  let written = 0;
  const file = totalsFile(
    join(dir, 'result.json'),
    trials,
    () => ({ written: ++written }) as unknown as JobResult,
  );
  for (let ended = 0; ended < trials; ended += 1) await file.count();
  expect(written).toBe(expected);
});

test('of totals written at the same time the last ones stay', async () => {
  let written = 0;
  const path = join(dir, 'result.json');
  const file = totalsFile(path, 50, () => ({ written: ++written }) as unknown as JobResult);
  await Promise.all(Array.from({ length: 20 }, () => file.count()));
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ written: 20 });
});
