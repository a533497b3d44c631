import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.js';
import { listFiles, readTaskText, type FoundFile } from '../task-files.js';
import { parseGitignore, parseHarborignore, type IgnoreRules } from './gitignore.js';

/** Decides whether a file of a task (relative, POSIX) is left out. */
export type IsLeftOut = (file: FoundFile) => Promise<boolean>;

const harborignore = '.harborignore';
/** Where a .harborignore counts. */
const scopes = /^(?:steps\/[^/]+\/)?(?:tests|solution)\//;

/** Every pattern is held against every path: more than this would take a stranger's time. */
const maxIgnoreBytes = 64 * 1024;

/** What Harbor leaves out of a package that has no .gitignore. */
const defaultIgnores = ['__pycache__/', '*.pyc', '.DS_Store', '*.swp', '*.swo', '*~'].join('\n');

/** The files that do not count in a task's digest, as Harbor's packager picks them. */
export async function unpackaged(dir: string): Promise<IsLeftOut> {
  const rules = parseGitignore((await readTaskText(dir, '.gitignore', maxIgnoreBytes)) ?? defaultIgnores);
  const isUnselected = await unselected(dir);
  return async (file) => file.isBehindLink || rules(file.path) === 'left-out' || (await isUnselected(file));
}

/** The files that the .harborignore files of a task leave out, of its digest and of what is put into a sandbox. */
export async function unselected(dir: string): Promise<IsLeftOut> {
  const rules = new Map<string, IgnoreRules>();
  for (const { path: name } of await listFiles(dir))
    if (path.posix.basename(name) === harborignore && scopes.test(name))
      rules.set(
        path.posix.dirname(name),
        parseHarborignore((await readTaskText(dir, name, maxIgnoreBytes)) ?? ''),
      );
  const root = await realpath(dir);
  return async ({ path: name, absolute }) => {
    if (path.posix.basename(name) === harborignore) return true;
    if (rules.size === 0) return false;
    const meant = path.relative(root, await realpath(absolute));
    return [name, meant.split(path.sep).join('/')].some((one) => isIgnored(one, rules));
  };
}

/** Throws TaskError when a .harborignore leaves out a file that the task cannot do without. */
export async function requireSelected(dir: string, names: readonly string[]): Promise<void> {
  const isUnselected = await unselected(dir);
  for (const file of await listFiles(dir))
    if (names.includes(file.path) && (await isUnselected(file)))
      throw new TaskError(`${file.absolute}: a .harborignore leaves it out, and the task needs it`);
}

/** Whether the path, or a folder above it, is left out by the last of the rules on its way that speaks of it. */
function isIgnored(name: string, rules: ReadonlyMap<string, IgnoreRules>): boolean {
  const parts = name.split('/');
  return parts.some((_part, index) => {
    const isFolder = index < parts.length - 1;
    const candidate = parts.slice(0, index + 1).join('/') + (isFolder ? '/' : '');
    if (!scopes.test(candidate)) return false;
    const answers = parts
      .slice(0, index + 1)
      .map((_, depth) => parts.slice(0, depth).join('/'))
      .map((folder) => rules.get(folder)?.(candidate.slice(folder.length + 1)) ?? null);
    return answers.findLast((answer) => answer !== null) === 'left-out';
  });
}
