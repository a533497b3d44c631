import path from 'node:path';
import pLimit from 'p-limit';
import { checkTask, type CheckFinding } from './check-task.js';
import { loadManifest, type Manifest } from '../source/manifest.js';
import type { Dataset, Task } from '../task.js';
import { isFile } from '../task-files.js';
import { verifyCopy } from '../source/verify-copy.js';

/**
 * Checks every file of a dataset: tasks that cannot be loaded, content that differs from what was published,
 * and what each task's files show. One broken task does not keep the others from being checked.
 */
export async function checkDataset(dataset: Dataset, manifest: Manifest | null): Promise<CheckFinding[]> {
  const limit = pLimit(8);
  const tasks = await Promise.all(dataset.tasks.map((task) => limit(() => tryCheck(task))));
  return [
    ...dataset.broken.map(({ name, error }) => finding(name, 'error', error.message)),
    ...(await copyFindings(dataset, manifest)),
    ...tasks.flat(),
  ];
}

async function tryCheck(task: Task): Promise<CheckFinding[]> {
  try {
    return await checkTask(task);
  } catch (error) {
    return [finding(task.name, 'error', error instanceof Error ? error.message : String(error))];
  }
}

/** The dataset.toml in a dataset's own folder, as far as it is about the tasks loaded; null when there is none. */
export async function manifestBeside(dataset: Dataset): Promise<Manifest | null> {
  const file = path.join(dataset.dir, 'dataset.toml');
  if (!(await isFile(file))) return null;
  const manifest = await loadManifest(file);
  const loaded = new Set([...dataset.tasks, ...dataset.broken].map(({ name }) => name));
  return { ...manifest, tasks: manifest.tasks.filter(({ name }) => loaded.has(name)) };
}

/** What the copy lacks or has otherwise, looked at now and not as it was noted when it was fetched. */
async function copyFindings(dataset: Dataset, manifest: Manifest | null): Promise<CheckFinding[]> {
  const noted = dataset.origin === null ? dataset.warnings : [];
  const findings = noted.map((text) => finding('', 'warning', text));
  if (manifest === null) return findings;
  const broken = new Set(dataset.broken.map(({ name }) => name));
  const problems = await verifyCopy(dataset.dir, manifest);
  const differing = problems
    .filter(({ task, kind }) => !broken.has(task) && kind !== 'lfs')
    .map(({ task, kind, text }) => finding(task, kind === 'digest' ? 'warning' : 'error', text));
  return [...findings, ...differing];
}

function finding(task: string, level: CheckFinding['level'], text: string): CheckFinding {
  return { task, level, text };
}
