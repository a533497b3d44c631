import type { Task } from '../dataset/task.js';
import { trialName } from '../results/layout.js';
import { expectedDurations, type PastDurations } from './schedule/expected-duration.js';
import { orderTrials } from './schedule/order-trials.js';

/** The tasks that can be run, and a line for each that cannot. */
export interface RunnableTasks {
  readonly tasks: readonly Task[];
  readonly leftOut: readonly string[];
}

/** Leaves out what cannot be run; every command that makes trials asks here. The reader of its format says why. */
export function runnableTasks(tasks: readonly Task[]): RunnableTasks {
  return {
    tasks: tasks.filter((task) => task.refusals.length === 0),
    leftOut: tasks.flatMap(({ name, refusals }) =>
      refusals.length === 0 ? [] : [`${name}: left out, cannot be run: ${refusals.join('; ')}`],
    ),
  };
}

/** One trial to be made. */
export interface PlannedTrial {
  readonly name: string;
  readonly task: Task;
  readonly attempt: number;
}

/** Every attempt at every task, in the order they are started; `past` is what recorded jobs took for the same tasks. */
export function planTrials(
  tasks: readonly Task[],
  attempts: number,
  past: PastDurations = new Map(),
): readonly PlannedTrial[] {
  const trials = tasks.flatMap((task) =>
    Array.from({ length: attempts }, (_, index) => ({
      name: trialName(task.name, index + 1),
      task,
      attempt: index + 1,
    })),
  );
  return orderTrials(trials, expectedDurations(tasks, past));
}
