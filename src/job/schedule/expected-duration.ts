import { stepsOrTask, type Task } from '../../dataset/task.js';

/** Mean milliseconds that one trial took, by the name of its task, from recorded jobs. */
export type PastDurations = ReadonlyMap<string, number>;

/** Milliseconds that one trial of each task is expected to take; null where neither the past nor a timeout says. */
export type ExpectedDurations = (task: Task) => number | null;

/**
 * What the recorded jobs took for the same task. A task they do not know is expected to take the share of its agent
 * timeout that the known ones took of theirs; without any known one, its timeout.
 */
export function expectedDurations(tasks: readonly Task[], past: PastDurations): ExpectedDurations {
  const known = tasks.flatMap((task) => {
    const [took, timeout] = [past.get(task.name), timeoutMs(task)];
    return took === undefined || timeout === null ? [] : [{ took, timeout }];
  });
  const sum = (key: 'took' | 'timeout'): number => known.reduce((all, one) => all + one[key], 0);
  const share = known.length === 0 ? 1 : sum('took') / sum('timeout');
  return (task) => {
    const timeout = timeoutMs(task);
    return past.get(task.name) ?? (timeout === null ? null : timeout * share);
  };
}

/** The agent's time limit over all steps, in milliseconds; null when a step has none. */
export function timeoutMs(task: Task): number | null {
  const limits = stepsOrTask<Pick<Task, 'agent'>>(task).map(({ agent }) => agent.timeoutMs);
  return limits.includes(null) ? null : limits.reduce<number>((all, limit) => all + (limit ?? 0), 0);
}
