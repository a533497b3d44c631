import { makeLogFolders } from '../../verifier/log-folders.js';
import type { Started } from '../trial-state.js';
import { requireUser } from './require-user.js';
import { waitUntilHealthy } from './healthcheck.js';

/** Makes the log folders and waits until the task's own health check passes. */
export async function prepare<S extends Started>(state: S, signal: AbortSignal): Promise<S> {
  const { task } = state.trial.spec;
  const { main } = state.environment;
  await makeLogFolders(main, signal);
  // A step's own is looked for before it, a separate verifier's in its own environment.
  if (task.steps.length === 0 && task.verifier.separate === null)
    await requireUser(main, task.verifier.user, signal);
  await waitUntilHealthy(main, task.environment.healthcheck, signal);
  return state;
}
