import type { Acted, Left } from '../trial-state.js';

/** Closes the agent's shell: what an unfinished command left running is ended, services stay. */
export async function leaveShell(state: Acted, signal: AbortSignal): Promise<Left> {
  const { killed } = await state.environment.main.endShell(signal);
  return { ...state, killed };
}
