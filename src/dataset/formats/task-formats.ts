import type { ReadTask } from '../task.js';
import { loadHarborTask } from './harbor/load-harbor-task.js';
import { loadTerminalBench1Task } from './terminal-bench-1/load-terminal-bench-1-task.js';

/** A way of writing a task down as a folder. */
export interface TaskFormat {
  /** The file that every task folder of this format has, and no folder of another. */
  readonly file: string;
  /** Reads a task folder, by its absolute path. Throws TaskError naming the file and the key. */
  readonly load: (dir: string) => Promise<ReadTask>;
}

/** Every format there is, the first that fits wins. A new one is a line here and a folder beside the others. */
export const taskFormats: readonly TaskFormat[] = [
  { file: 'task.toml', load: loadHarborTask },
  { file: 'task.yaml', load: loadTerminalBench1Task },
];
