/** The steps of a trial, in the order they are made. */
export const trialPhases = [
  'image',
  'sandbox',
  'health',
  'scene',
  'agent',
  'leave',
  'artifacts',
  'handover',
  'verifier',
] as const;
export type TrialPhase = (typeof trialPhases)[number];
