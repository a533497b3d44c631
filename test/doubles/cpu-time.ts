/**
 * The milliseconds of processor time that some work took. Tests of how time grows measure it instead of the clock: what else
 * runs on the machine does not count.
 */
export function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
