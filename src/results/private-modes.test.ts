import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openForAppend } from './append-file.js';
import { openTrialStore } from './trial-store.js';

it("what is written of a job is its owner's alone", async () => {
  const dir = await mkdtemp(join(tmpdir(), 'private-'));
  const store = await openTrialStore(dir, 'task__1', { tries: 1, redact: (text) => text });
  await store.writeException('x');
  await store.log('line');
  await (await openForAppend(join(dir, 'task__1', 'agent', 'lines'))).close();
  const { paths } = store;
  const modes = [paths.dir, paths.agentDir, paths.exception, paths.log, join(paths.agentDir, 'lines')].map(
    async (path) => ((await stat(path)).mode & 0o777).toString(8),
  );
  expect(await Promise.all(modes)).toEqual(['700', '700', '600', '600', '600']);
  await rm(dir, { recursive: true });
});
