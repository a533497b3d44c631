import { Option } from '@commander-js/extra-typings';
import type { TaskSelection } from '../../record/run-spec.js';
import { collect, parseCount } from './parse-values.js';

/** Which tasks of which datasets a command is about, as its options say it. */
export interface TaskOptions {
  readonly dataset?: string[];
  readonly tasks?: string[];
  readonly exclude?: string[];
  readonly limit?: number;
}

/** The options that every command about tasks shares. New ones each time: commander marks those it is given. */
export const taskOptions = {
  dataset: (ofNone = '') =>
    new Option('-d, --dataset <name or path>', `dataset or folder of tasks; repeatable${ofNone}`).argParser(
      collect,
    ),
  tasks: () =>
    new Option('-t, --tasks <glob>', 'only tasks whose name matches; repeatable').argParser(collect),
  exclude: () =>
    new Option('--exclude <glob>', 'leave out tasks whose name matches; repeatable').argParser(collect),
  limit: () =>
    new Option('--limit <n>', 'at most this many tasks of each dataset, in order of name').argParser(
      parseCount,
    ),
};

/** The tasks that the options choose from a dataset. */
export function taskSelection({ tasks = [], exclude = [], limit = null }: SelectionOptions): TaskSelection {
  return { include: tasks, exclude, limit };
}

interface SelectionOptions {
  readonly tasks?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly limit?: number | null | undefined;
}
