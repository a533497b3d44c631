import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { verifierLogs } from '../log-folders.js';
import type { LocalTests } from './local-tests.js';

export const testsPath = '/tests';
const logsParent = '/logs';

const limits = { maxEntries: 20_000, maxFileBytes: 512 * 2 ** 20, maxTotalBytes: 2 ** 30 };

/** How the tests in the sandbox compare with the tests sent. */
export interface TestsComparison {
  readonly changed: readonly string[];
  readonly added: readonly string[];
}

/**
 * Puts fresh `/tests` and `/logs/verifier` in place of whatever the agent made of them, without the container's
 * tools; tests that the image carries stay. A `/logs` that is no folder (a link would lead the results elsewhere) is replaced too.
 * With `results` only those go of the folder: in an environment of the tests' own, artifacts may lie beside them.
 */
export async function uploadTests(
  sandbox: Sandbox,
  { tests, results }: { readonly tests: LocalTests; readonly results: readonly string[] | null },
  signal: AbortSignal,
): Promise<void> {
  const { files, isWhole } = tests.upload;
  const logs = await sandbox.stat(logsParent, signal);
  const isFolder = logs?.kind === 'directory';
  const old =
    isFolder && results !== null
      ? results.map((name) => `${verifierLogs}/${name}`)
      : [isFolder ? verifierLogs : logsParent];
  await Promise.all([
    ...(isWhole ? [sandbox.remove(testsPath, signal)] : []),
    ...old.map((path) => sandbox.remove(path, signal)),
  ]);
  await Promise.all([
    ...(isWhole || files.length > 0 ? [sandbox.upload(testsPath, files, signal)] : []),
    sandbox.upload(verifierLogs, [], signal),
  ]);
}

/**
 * Reads `/tests` back and compares it with what was sent. A file that cannot be read back counts as changed; of tests that the
 * image carries nothing was sent.
 */
export async function compareTests(
  sandbox: Sandbox,
  tests: LocalTests,
  signal: AbortSignal,
): Promise<TestsComparison> {
  if (!tests.upload.isWhole) return { changed: [], added: [] };
  const scratch = await mkdtemp(join(tmpdir(), 'tbench-tests-'));
  try {
    const report = await sandbox.download(testsPath, scratch, limits, signal);
    const found = new Map((report?.files ?? []).map(({ path, sha256 }) => [path, sha256]));
    return {
      changed: [...tests.digests]
        .filter(([path, digest]) => found.get(path) !== digest)
        .map(([path]) => path),
      added: [...found.keys()].filter((path) => !tests.digests.has(path)),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
