/**
 * How long trials take together when each starts in the order given as soon as one of the slots is free (list
 * scheduling, Graham 1969). The unit is that of the durations; 0 for no trials.
 */
export function makespan(durations: readonly number[], slots: number): number {
  const freeAt = Array.from({ length: Math.max(1, Math.min(slots, durations.length)) }, () => 0);
  let end = 0;
  for (const duration of durations) {
    const first = earliest(freeAt);
    const done = (freeAt[first] ?? 0) + duration;
    freeAt[first] = done;
    end = Math.max(end, done);
  }
  return end;
}

function earliest(times: readonly number[]): number {
  return times.reduce((first, time, index) => (time < (times[first] ?? Infinity) ? index : first), 0);
}
