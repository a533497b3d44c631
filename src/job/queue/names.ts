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

/** The id of a try in the queue. It is the same whenever the try is put there, so that the queue holds it once. */
export function tryId(jobId: string, trial: string, tries: number): string {
  return `${jobId}_${trial.replaceAll(':', '_')}_${tries}`;
}

/** Set when a coordinator no longer wants a try. */
export function cancelKey(id: string): string {
  return `${prefix}:cancelled:${id}`;
}
