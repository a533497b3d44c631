import type { TrialSummary } from '../../../record/trial-summary.js';

/** How much of the agents' time the model server kept the model from answering. */
export interface ServerTime {
  readonly share: number;
  readonly waitedMs: number;
}

/** Over the trials whose record says it; null where none does. */
export function serverTime(trials: readonly TrialSummary[]): ServerTime | null {
  const known = trials.flatMap(({ clock }) =>
    clock?.serverShare === null || clock === null ? [] : [{ share: clock.serverShare, wallMs: clock.wallMs }],
  );
  if (known.length === 0) return null;
  const waitedMs = known.reduce((sum, { share, wallMs }) => sum + share * wallMs, 0);
  const wallMs = known.reduce((sum, trial) => sum + trial.wallMs, 0);
  return { share: wallMs === 0 ? 0 : waitedMs / wallMs, waitedMs };
}
