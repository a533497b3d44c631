/** A time limit of the task under the job's multiplier; null stays unlimited. */
export function scaled(timeoutMs: number | null, multiplier: number): number | null {
  return timeoutMs === null ? null : timeoutMs * multiplier;
}
