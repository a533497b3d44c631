import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Task } from '../../dataset/task.js';
import { isMissing } from '../../dataset/task-files.js';
import { collectTestFiles } from '../../dataset/upload-files.js';
import { TaskError } from '../../base/errors.js';
import type { UploadFile } from '../../sandbox/sandbox.js';

/** A task's tests, with the digest of each file. */
export interface LocalTests {
  readonly files: readonly UploadFile[];
  readonly digests: ReadonlyMap<string, string>;
  /** SHA-256 over `path digest` lines: one name for the whole set. */
  readonly digest: string;
  /** The test script's text. */
  readonly script: string;
  /** What is put into `/tests`: the whole set in place of what is there, or files over those that the image carries. */
  readonly upload: { readonly files: readonly UploadFile[]; readonly isWhole: boolean };
}

/** Reads what is to be uploaded to /tests, links under the rules of `collectTestFiles`. Throws `TaskError`. */
export async function loadTests(task: Task): Promise<LocalTests> {
  const where = task.verifier.testsDirs.join(', ');
  const files = await collectTestFiles(task).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
    throw new TaskError(`task ${task.name} has no tests: ${where} is missing`, { cause: error });
  });
  return describeTests(files, { task, where, upload: { files, isWhole: true } });
}

/** A set of tests described; `where` is named when its script is not among them. */
export function describeTests(
  files: readonly UploadFile[],
  {
    task,
    where,
    upload,
  }: { readonly task: Task; readonly where: string; readonly upload: LocalTests['upload'] },
): LocalTests {
  const digests = new Map(files.map(({ path, content }) => [path, sha256(content)]));
  const entry = files.find(({ path }) => path === task.verifier.script);
  if (entry === undefined) {
    throw new TaskError(
      `task ${task.name} has no test script: ${join(where, task.verifier.script)} is missing`,
    );
  }
  const lines = [...digests].map(([path, digest]) => `${path} ${digest}\n`).sort();
  return {
    files,
    digests,
    digest: sha256(Buffer.from(lines.join(''))),
    script: entry.content.toString('utf8'),
    upload,
  };
}

/** The same tests with one file's content replaced. */
export function withReplaced(tests: LocalTests, file: UploadFile, task: Task): LocalTests {
  const files = tests.files.map((one) => (one.path === file.path ? file : one));
  const { isWhole } = tests.upload;
  return describeTests(files, {
    task,
    where: '/tests',
    upload: { files: isWhole ? files : [file], isWhole },
  });
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

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
