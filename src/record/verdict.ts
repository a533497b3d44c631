/** How far a trial's tests can be believed. The first three are scored as they are, the last two 0. */
export const verdicts = ['clean', 'noted', 'suspicious', 'tampered', 'unverifiable'] as const;
export type Verdict = (typeof verdicts)[number];
