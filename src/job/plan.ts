import type { Harness } from '../agent/harness/harness.js';
import { taskExtras } from '../dataset/extras.js';
import type { Task } from '../dataset/task.js';
import { trialName } from '../results/layout.js';
import type { PlannedTrial } from './planned-trial.js';
import { expectedDurations, type PastDurations } from './schedule/expected-duration.js';
import { orderTrials } from './schedule/order-trials.js';

/** The tasks that can be run, and a line for each that cannot. */
export interface RunnableTasks {
  readonly tasks: readonly Task[];
  readonly leftOut: readonly string[];
}

/** The harness that tells a model of its task; null where nobody reads the instruction (oracle, nop). */
type Teller = Pick<Harness, 'name' | 'taskExtras'> | null;

/**
 * Leaves out what cannot be run; every command that makes trials asks here. The reader of its format says why, and the harness
 * what of a task it does not tell.
 */
export function runnableTasks(tasks: readonly Task[], harness: Teller = null): RunnableTasks {
  const judged = tasks.map((task) => ({ task, reasons: [...task.refusals, ...untold(task, harness)] }));
  return {
    tasks: judged.flatMap(({ task, reasons }) => (reasons.length === 0 ? [task] : [])),
    leftOut: judged.flatMap(({ task: { name }, reasons }) =>
      reasons.length === 0 ? [] : [`${name}: left out, cannot be run: ${reasons.join('; ')}`],
    ),
  };
}

function untold(task: Task, harness: Teller): string[] {
  if (harness === null || harness.taskExtras) return [];
  return taskExtras(task).map(
    (what) => `brings ${what}, and harness ${harness.name} does not say task_extras: true`,
  );
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
