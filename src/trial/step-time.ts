import type { TrialPhase } from '../record/trial-phase.js';

/** When a step began and ended. */
export interface StepTime {
  readonly name: TrialPhase;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** On the monotonic clock. */
  readonly ms: number;
}
