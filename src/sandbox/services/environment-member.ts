import type { Sandbox } from '../sandbox.js';

/** What can be done with any container of an environment: look into it, run a hook, end it. */
export type EnvironmentMember = Pick<Sandbox, 'id' | 'user' | 'exec' | 'download' | 'stat' | 'stop' | 'end'> &
  AsyncDisposable;

/** Whether a service lives, and what it last said. */
export interface ServiceState {
  readonly isRunning: boolean;
  readonly exitCode: number;
  readonly wasKilledForMemory: boolean;
}
