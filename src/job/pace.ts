import type { JobEvent } from '../record/event.js';
import type { PlannedTrial } from './planned-trial.js';

/** In which order a job starts its trials, and when it has enough of them. Without one it makes all, the longest first. */
export interface JobPace {
  order(plan: readonly PlannedTrial[]): readonly PlannedTrial[];
  /** Told every event of the job, those of earlier starts too. */
  see(event: JobEvent): void;
  /** True from the moment on when no further trial is needed; running ones are then cancelled. */
  hasEnough(): boolean;
}
