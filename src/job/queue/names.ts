/** Before every key in Redis, so that tbench can share one with others. */
export const prefix = 'tbench';

/** Trials of this version of tbench: another version never sees them. */
export function trialQueueName(version: string): string {
  return `trials-${version}`;
}

/** Finished tries on their way to the one coordinator of a job. */
export function deliveryQueueName(jobId: string): string {
  return `deliveries-${jobId}`;
}

/** The same for every time that a try is put into the queue, which keeps it there once. */
export function tryId(jobId: string, trial: string, tries: number): string {
  return `${jobId}_${trial.replaceAll(':', '_')}_${tries}`;
}

/** Set when a coordinator no longer wants a try. */
export function cancelKey(id: string): string {
  return `${prefix}:cancelled:${id}`;
}
