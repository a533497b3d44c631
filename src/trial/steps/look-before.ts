import type { Observed, Started } from '../trial-state.js';

/** Remembers what the sandbox looks like before the agent. */
export async function lookBefore(state: Started, signal: AbortSignal): Promise<Observed> {
  const { trial, environment } = state;
  return { ...state, initial: await trial.verifier.before(environment.main, trial.spec.task, signal) };
}
