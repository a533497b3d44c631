/** Whether the task's tests ran to their end, and what kept them from it. */
export const verifierStatuses = ['completed', 'bootstrap_failed', 'not_run', 'timed_out'] as const;
export type VerifierStatus = (typeof verifierStatuses)[number];
