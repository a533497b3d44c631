import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Task } from '../../dataset/task.js';
import { TaskError } from '../../base/errors.js';
import type { UploadFile } from '../../sandbox/sandbox.js';

/** A task's tests as they lie on the host, with the digest of each file. */
export interface LocalTests {
  readonly files: readonly UploadFile[];
  readonly digests: ReadonlyMap<string, string>;
  /** SHA-256 over `path digest` lines: one name for the whole set. */
  readonly digest: string;
  /** The test script's text. */
  readonly script: string;
}

/**
 * Reads what is to be uploaded to /tests. Links are followed within the folder and refused when they leave it:
 * nothing of the host may ride along. Throws `TaskError`.
 */
export async function loadTests(task: Task): Promise<LocalTests> {
  const { testsDir, script, scriptText } = task.verifier;
  const root = await realpath(testsDir).catch(() => null);
  if (root === null && scriptText === null)
    throw new TaskError(`task ${task.name} has no tests: ${testsDir} is missing`);
  const files = root === null ? [] : await readTree(root, '', task);
  const own = scriptText === null ? [] : [{ path: script, content: Buffer.from(scriptText), mode: 0o755 }];
  return describeTests([...files.filter(({ path }) => own[0]?.path !== path), ...own], script, task);
}

/** The same tests with some files replaced by others. */
export function describeTests(files: readonly UploadFile[], script: string, task: Task): LocalTests {
  const digests = new Map(files.map(({ path, content }) => [path, sha256(content)]));
  const entry = files.find(({ path }) => path === script);
  if (entry === undefined) {
    throw new TaskError(
      `task ${task.name} has no test script: ${join(task.verifier.testsDir, script)} is missing`,
    );
  }
  const lines = [...digests].map(([path, digest]) => `${path} ${digest}\n`).sort();
  return {
    files,
    digests,
    digest: sha256(Buffer.from(lines.join(''))),
    script: entry.content.toString('utf8'),
  };
}

const longestHelper = 256 * 1024;

/** The texts beside the script, for those who look for what it leaves behind. */
export function helperFiles(
  tests: LocalTests,
  script: string,
): { readonly path: string; readonly text: string }[] {
  return tests.files
    .filter(({ path, content }) => path !== script && content.length <= longestHelper)
    .map(({ path, content }) => ({ path, text: content.toString('utf8') }));
}

async function readTree(root: string, below: string, task: Task): Promise<UploadFile[]> {
  const names = await readdir(join(root, below));
  const found = await Promise.all(
    names.sort().map((name) => readEntry(root, below === '' ? name : `${below}/${name}`, task)),
  );
  return found.flat();
}

async function readEntry(root: string, path: string, task: Task): Promise<UploadFile[]> {
  const target = await realpath(join(root, path)).catch(() => null);
  if (target === null || !`${target}${sep}`.startsWith(`${root}${sep}`)) {
    throw new TaskError(
      `task ${task.name}: tests/${path} is a link that leads out of the tests folder or nowhere`,
    );
  }
  const stat = await lstat(target);
  if (stat.isDirectory()) {
    if (`${join(root, path)}${sep}`.startsWith(`${target}${sep}`) && target !== join(root, path)) {
      throw new TaskError(`task ${task.name}: tests/${path} is a link to one of its own parents`);
    }
    return readTree(root, path, task);
  }
  if (!stat.isFile()) throw new TaskError(`task ${task.name}: tests/${path} is neither a file nor a folder`);
  return [{ path, content: await readFile(target), mode: stat.mode & 0o777 }];
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
