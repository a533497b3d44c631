import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { shelveTrials, type TrialChoice } from './shelve-trials.js';

const golden = fileURLToPath(new URL('../../../test/fixtures/golden-0.1.0/finished', import.meta.url));
const any: TrialChoice = { ending: [], blame: [], verdict: [], task: [] };

test('chosen trials are put aside below their tries, the others stay', async () => {
  await using folder = await scratchFolder();
  const job = join(folder.dir, 'job');
  await cp(golden, job, { recursive: true });
  const all = (await readdir(job)).filter((name) => name.includes('__'));
  const [first = ''] = all;
  const task = first.replace(/__\d+$/, '');
  expect(await shelveTrials(job, { ...any, task: ['nothing-of-that-name'] })).toEqual([]);
  expect(await shelveTrials(job, { ...any, verdict: ['clean'], task: [task], attempts: 1 })).toEqual([
    `${task}__1`,
  ]);
  expect(await readdir(join(job, `${task}__1`))).toEqual(['tries']);
  expect(await readdir(join(job, `${task}__1`, 'tries', '1'))).toContain('result.superseded.json');
  const left = await shelveTrials(job, any);
  expect(left).toEqual(all.filter((name) => name !== `${task}__1`).sort());
});
