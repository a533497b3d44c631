import { InputError } from '../base/errors.js';
import { nearestName } from '../base/nearest-name.js';
import type { TaskSelection } from '../record/run-spec.js';
import type { Dataset } from './task.js';

/** The tasks a run is about, sorted by name so that `limit` means the same everywhere. */
export function selectTasks<T extends { readonly name: string }>(
  tasks: readonly T[],
  selection: Partial<TaskSelection>,
): T[] {
  const include = (selection.include ?? []).map(globExpression);
  const exclude = (selection.exclude ?? []).map(globExpression);
  return [...tasks]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter(({ name }) => include.length === 0 || include.some((glob) => glob.test(name)))
    .filter(({ name }) => !exclude.some((glob) => glob.test(name)))
    .slice(0, selection.limit ?? tasks.length);
}

/**
 * The chosen tasks of each dataset. A broken task is kept when its name matches. Datasets of which nothing is left
 * are left out; a glob that matches no task of any of them is an InputError.
 */
export function chooseTasks(datasets: readonly Dataset[], selection: Partial<TaskSelection>): Dataset[] {
  const { include = [], exclude = [] } = selection;
  const names = datasets.flatMap(({ tasks, broken }) => [...tasks, ...broken].map(({ name }) => name));
  checkGlobs(names, [...include, ...exclude]);
  return datasets
    .map((dataset) => ({
      ...dataset,
      tasks: selectTasks(dataset.tasks, selection),
      broken: selectTasks(dataset.broken, { include, exclude }),
    }))
    .filter(({ tasks, broken }) => tasks.length + broken.length > 0);
}

/** Throws InputError for a glob that matches no task of any dataset in use, with the nearest name. */
export function checkGlobs(names: readonly string[], globs: readonly string[]): void {
  for (const glob of globs) {
    const expression = globExpression(glob);
    if (names.some((name) => expression.test(name))) continue;
    const near = nearestName(glob, names);
    throw new InputError(`no task matches "${glob}"`, {
      hint: near === null ? 'see `tbench tasks list`' : `did you mean ${near}?`,
    });
  }
}

/** A glob over a task's name; an `org/` in front (`terminal-bench/fix-git`) is ignored. */
function globExpression(glob: string): RegExp {
  const bare = glob.slice(glob.lastIndexOf('/') + 1);
  const source = bare.replaceAll(/\[[^\]]+\]|[\s\S]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (part.length > 1 && part.startsWith('[')) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
    return part.replace(/[.+^${}()|[\]\\]/, String.raw`\$&`);
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch (error) {
    throw new InputError(`"${glob}" is not a pattern that can be matched`, { cause: error });
  }
}
