import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { readEarlierTries } from './earlier-tries.js';

test('a try that was put aside, one that broke and one that was cut off are told in order', async () => {
  await using folder = await scratchFolder();
  const done = {
    tbench: { ending: 'agent-timeout' },
    integrity: { effective_reward: 0 },
    exception_info: null,
  };
  await folder.write({
    'tries/1/result.superseded.json': JSON.stringify(done),
    'tries/2/exception.txt': 'SandboxError: the engine is gone\n\n  at here\n',
    'tries/10/trial.log': '2026-01-01T00:00:00.000Z image 3 ms\n2026-01-01T00:00:01.000Z scene 9 ms\n',
    'tries/notes/trial.log': 'not a try\n',
  });
  expect(await readEarlierTries(folder.dir)).toEqual([
    { number: 1, ending: 'agent-timeout', reward: 0, detail: null, wasDone: true },
    { number: 2, ending: null, reward: null, detail: 'SandboxError: the engine is gone', wasDone: false },
    {
      number: 10,
      ending: null,
      reward: null,
      detail: 'cut off; the last that its log knows: 2026-01-01T00:00:01.000Z scene 9 ms',
      wasDone: false,
    },
  ]);
});

test('a link out of the folder is not followed, and a folder without tries has none', async () => {
  await using folder = await scratchFolder();
  await folder.write({ 'secret/trial.log': 'secret\n', 'trial/result.json': '{}' });
  expect(await readEarlierTries(join(folder.dir, 'trial'))).toEqual([]);
  await folder.write({ 'trial/tries/1/readme': '' });
  await symlink(join(folder.dir, 'secret'), join(folder.dir, 'trial/tries/2'));
  const read = await readEarlierTries(join(folder.dir, 'trial'));
  expect(JSON.stringify(read)).not.toContain('secret');
});
