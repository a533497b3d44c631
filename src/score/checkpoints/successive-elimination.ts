import { bestSet } from './best-set.js';
import type { StepEstimate } from './step-grid.js';

/**
 * The steps worth another round of attempts, of those still in the running. Successive elimination (Even-Dar, Mannor
 * and Mansour 2006): after each of at most `rounds` looks, steps shown to be below the best are dropped for good. A
 * look keeps the best step with probability 1 - alpha / rounds, so over all looks it is lost with at most `alpha`,
 * wherever one stops. `looks[j]` is null for a step that was dropped before.
 */
export function stillInTheRunning(
  looks: readonly (StepEstimate | null)[],
  { alpha = 0.05, rounds }: { readonly alpha?: number; readonly rounds: number },
): number[] {
  const running = looks.flatMap((step, index) => (step === null ? [] : [{ step, index }]));
  const kept = bestSet(
    running.map(({ step }) => step),
    { level: 1 - alpha / rounds, draws: 10_000 },
  );
  return kept.flatMap((at) => running[at]?.index ?? []);
}
