import { mean } from '../../base/number/mean.js';
import type { TaskStep } from '../../dataset/task.js';
import type { StepResult } from '../../record/trial-result.js';
import type { Failure } from '../failure.js';
import type { TrialState } from '../trial-state.js';

/** What came of one step that was begun. */
export interface StepOutcome {
  readonly step: TaskStep;
  readonly state: TrialState;
  readonly failure: Failure | null;
  readonly result: StepResult;
}

/** Whether the next step is begun: there are rewards, and they reach what the step demands. */
export function goesOn({ step: { minReward }, result }: StepOutcome): boolean {
  const rewards = result.verifier_result?.rewards;
  if (rewards === undefined) return false;
  if (minReward === null) return true;
  const demands = typeof minReward === 'number' ? { reward: minReward } : minReward;
  return Object.entries(demands).every(([key, least]) => (rewards[key] ?? -Infinity) >= least);
}

/**
 * The rewards of a multi-step trial. `mean` is taken per key over the steps that have any, where a missing key counts 0, and
 * `final` is the last step that was begun, as in Harbor; null when there are none.
 */
export function aggregateRewards(
  steps: readonly (Readonly<Record<string, number>> | null)[],
  strategy: 'mean' | 'final',
): Readonly<Record<string, number>> | null {
  if (strategy === 'final') return steps.at(-1) ?? null;
  const found = steps.filter((rewards) => rewards !== null);
  if (found.length === 0) return null;
  const keys = new Set(found.flatMap((rewards) => Object.keys(rewards)));
  return Object.fromEntries([...keys].map((key) => [key, mean(found.map((rewards) => rewards[key] ?? 0))]));
}
