import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Task } from '../dataset/task.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { describeTests, type LocalTests } from './tests/local-tests.js';
import { testsPath } from './tests/upload-tests.js';

/** Test scripts and their helpers; what else a verifier's image keeps in `/tests` (models, reference data) is not read. */
const limits = { maxEntries: 20_000, maxFileBytes: 2 ** 20, maxTotalBytes: 64 * 2 ** 20 };

const scriptLimits = { maxEntries: 2, maxFileBytes: 16 * 2 ** 20, maxTotalBytes: 16 * 2 ** 20 };

/** The tests that a verifier's image carries. Throws `TaskError` when it carries none. */
export async function readBundledTests(
  sandbox: Sandbox,
  task: Task,
  signal: AbortSignal,
): Promise<LocalTests> {
  const scratch = await mkdtemp(join(tmpdir(), 'tbench-bundled-'));
  try {
    const report = await sandbox.download(testsPath, scratch, limits, signal);
    const found = report?.files ?? [];
    const { script } = task.verifier;
    // Behind much reference data the script itself may be what there was no room for.
    const alone = found.some(({ path }) => path === script)
      ? null
      : await sandbox.download(
          `${testsPath}/${script}`,
          join(scratch, dirname(script)),
          scriptLimits,
          signal,
        );
    const extra = (alone?.files ?? []).length > 0 ? [{ path: script }] : [];
    const files = await Promise.all(
      [...found, ...extra].map(async ({ path }) => ({
        path,
        content: await readFile(join(scratch, path)),
        mode: 0o755,
      })),
    );
    const where = `${testsPath} of image ${sandbox.image.reference}`;
    return describeTests(files, { task, where, upload: { files: [], isWhole: false } });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
