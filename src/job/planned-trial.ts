import type { Task } from '../dataset/task.js';

/** One trial to be made. */
export interface PlannedTrial {
  readonly name: string;
  readonly task: Task;
  readonly attempt: number;
}
