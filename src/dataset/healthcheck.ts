import type { HealthTimes } from '../record/service-spec.js';

/** The command that says when a task's environment is ready. */
export interface TaskHealthcheck extends HealthTimes {
  readonly command: string;
}
