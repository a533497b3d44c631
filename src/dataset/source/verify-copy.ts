import path from 'node:path';
import type { CopyProblem } from './cache.js';
import { taskDigests } from '../digest.js';
import { findLfsPointers } from './lfs.js';
import { isTaskFolder } from '../load-task.js';
import type { Manifest, ManifestTask } from './manifest.js';
import { appendAll } from '../../base/append-all.js';

/**
 * Holds a folder of tasks against its manifest: tasks that are missing, whose content differs from what was
 * published (either formula, where known), or that hold Git LFS pointers instead of files.
 */
export async function verifyCopy(dir: string, manifest: Manifest): Promise<CopyProblem[]> {
  const problems: CopyProblem[] = [];
  for (const task of manifest.tasks) appendAll(problems, await verifyTask(path.join(dir, task.name), task));
  return problems;
}

async function verifyTask(dir: string, task: ManifestTask): Promise<CopyProblem[]> {
  if (!(await isTaskFolder(dir)))
    return [{ task: task.name, kind: 'missing', text: 'not in the repository' }];
  try {
    const pointers = await findLfsPointers(dir);
    const lfs = `${pointers.length} file(s) are Git LFS pointers (${pointers.slice(0, 3).join(', ')}); install git-lfs and pull again`;
    const found = pointers.length === 0 ? [] : [{ task: task.name, kind: 'lfs', text: lfs } as const];
    return [...found, ...(await digestProblems(dir, task))];
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [{ task: task.name, kind: 'unreadable', text }];
  }
}

async function digestProblems(dir: string, task: ManifestTask): Promise<CopyProblem[]> {
  if (task.digest === null && task.checksum === null) return [];
  const actual = await taskDigests(dir);
  const differences = [
    describe('digest', task.digest, actual.digest),
    describe('checksum', task.checksum, actual.checksum),
  ].flat();
  if (differences.length === 0) return [];
  return [
    { task: task.name, kind: 'digest', text: `differs from the published task (${differences.join('; ')})` },
  ];
}

function describe(what: string, published: string | null, actual: string): string[] {
  return published === null || published === actual
    ? []
    : [`${what} ${brief(actual)}, published ${brief(published)}`];
}

/** Enough of a hash to tell two apart. */
function brief(hash: string): string {
  return `${hash.slice(0, hash.startsWith('sha256:') ? 19 : 12)}…`;
}
