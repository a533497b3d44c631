import type { HostVariables } from '../base/host-variables.js';

/** The machine a run is made on, and who watches: all that a `RunSpec` leaves open. */
export interface Surroundings {
  /** The process's variables: keys, sockets, the variables that tasks may read, where datasets are kept. */
  readonly env: HostVariables;
  /** Address of the container engine; null looks in the usual places. */
  readonly engine: string | null;
  /** Folder that takes the job folders. */
  readonly resultsDir: string;
  /** Name of the job folder; null continues the unfinished job of the same run, or makes a name. */
  readonly jobName: string | null;
  /** Whether trials that a killed process left in the middle are gone on with in their sandboxes. Default true. */
  readonly adopts?: boolean;
  readonly signal: AbortSignal;
  /** Told one line at a time what a person should know of the run as a whole. */
  readonly tell: (line: string) => void;
}
