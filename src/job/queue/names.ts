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

/** Set when the coordinator has done with a try: its folder lies in the job, or nobody wants it any more. */
export function overKey(id: string): string {
  return `${prefix}:over:${id}`;
}

/** How long that is kept: a worker that was away for longer delivers what nobody takes, and the pieces of it expire. */
export const overSeconds = 24 * 3_600;
