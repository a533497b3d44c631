import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TaskError } from '../../base/errors.js';
import { loadTask } from '../../dataset/load-task.js';
import { harborTask, scratchFolder } from '../../../test/doubles/task-folder.js';
import { loadTests } from './local-tests.js';

async function withTask(
  change: (tests: string) => Promise<unknown>,
  look: (loading: ReturnType<typeof loadTests>) => Promise<void>,
): Promise<void> {
  await using folder = await scratchFolder();
  await folder.write(harborTask('task'));
  const task = await loadTask(join(folder.dir, 'task'));
  await change(task.verifier.testsDirs[0] ?? '');
  await look(loadTests(task));
}

describe('loadTests', () => {
  it('reads every file, follows a link within the task, and names the whole set by one digest', () =>
    withTask(
      async (tests) => {
        await mkdir(join(tests, 'data'));
        await writeFile(join(tests, 'data', 'a'), 'text');
        await symlink('data/a', join(tests, 'b'));
      },
      async (loading) => {
        const { files, digests, digest } = await loading;
        expect(files.map(({ path }) => path).sort()).toEqual(['b', 'data/a', 'test.sh']);
        expect(digests.get('b')).toBe(digests.get('data/a'));
        expect(digest).toMatch(/^[0-9a-f]{64}$/);
      },
    ));

  it('refuses a link that would carry a file of the host into the sandbox', () =>
    withTask(
      (tests) => symlink('/etc/passwd', join(tests, 'b')),
      (loading) => expect(loading).rejects.toThrow(TaskError),
    ));

  it('says what is missing: the folder, or the script in it', async () => {
    await withTask(
      (tests) => rm(tests, { recursive: true }),
      (loading) => expect(loading).rejects.toThrow(/has no tests/),
    );
    await withTask(
      (tests) => rm(join(tests, 'test.sh')),
      (loading) => expect(loading).rejects.toThrow(/has no test script/),
    );
  });
});
