/** Why the agent stopped; exactly one a trial. `finished` is oracle's and nop's. */
export const endings = [
  'submitted',
  'turn-limit',
  'token-budget',
  'context-window',
  'agent-timeout',
  'format-errors',
  'model-error',
  'sandbox-error',
  'storage-limit',
  'cancelled',
  'finished',
] as const;
export type Ending = (typeof endings)[number];
