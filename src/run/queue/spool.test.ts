import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../../test/doubles/task-folder.js';
import { clearSpool } from './spool.js';

test('a worker that starts keeps what an earlier one finished, and clears away what it had under way', async () => {
  await using folder = await scratchFolder();
  for (const id of ['done', 'cut-off'])
    await mkdir(join(folder.dir, 'jobs', id, 't__1'), { recursive: true });
  await writeFile(join(folder.dir, 'done.delivery.json'), '{}');
  await clearSpool(folder.dir);
  expect(await readdir(join(folder.dir, 'jobs'))).toEqual(['done']);
  expect((await readdir(folder.dir)).sort()).toEqual(['done.delivery.json', 'jobs']);
  await clearSpool(join(folder.dir, 'none-yet'));
});
