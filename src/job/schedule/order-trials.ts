import type { PlannedTrial } from '../planned-trial.js';
import { timeoutMs, type ExpectedDurations } from './expected-duration.js';

/**
 * Share of the timeout added to what is expected: a task that was quick in every recorded job may still use its whole
 * time in this one, and alone at the end it costs the most. 0.25 is from recorded jobs (docs/benchmarks.md, "Order").
 */
const timeoutShare = 0.25;
/** By how much less each further attempt of a task counts, so that attempts of tasks alike take turns. */
const attemptShare = 0.01;

/**
 * The trials in the order they are started: those that may take longest first, so that no slow one is left running
 * alone at the end. A task without any time limit comes first.
 */
export function orderTrials(
  trials: readonly PlannedTrial[],
  expectedMs: ExpectedDurations,
): readonly PlannedTrial[] {
  const weighed = trials.map((trial) => ({ trial, weight: weight(trial, expectedMs) }));
  return weighed.sort((a, b) => b.weight - a.weight || byName(a.trial, b.trial)).map(({ trial }) => trial);
}

function weight({ task, attempt }: PlannedTrial, expectedMs: ExpectedDurations): number {
  const [expected, timeout] = [expectedMs(task), timeoutMs(task)];
  if (expected === null) return Number.MAX_VALUE;
  // Whole timeouts as the only knowledge make many tasks alike; their attempts then stay together (measured better).
  const turns = expected === timeout ? 1 : 1 - attemptShare * (attempt - 1);
  return (expected + timeoutShare * (timeout ?? expected)) * turns;
}

function byName(a: PlannedTrial, b: PlannedTrial): number {
  if (a.task.name === b.task.name) return a.attempt - b.attempt;
  return a.task.name < b.task.name ? -1 : 1;
}
