/** A phase as a network log names it: of a step, where the task has several. */
export function phaseName(phase: 'agent' | 'verifier', step: string | null): string {
  return step === null ? phase : `${phase} of ${step}`;
}
