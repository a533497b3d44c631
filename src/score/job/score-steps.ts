import { isPassing } from '../../record/reward.js';
import { mean } from '../../base/number/mean.js';
import type { TrialSummary } from '../../record/trial-summary.js';

/** One step of a task over the trials that began it. */
export interface StepScore {
  readonly task: string;
  readonly step: string;
  /** Trials that began it. */
  readonly begun: number;
  /** Mean of the rewards there are; null where there are none. */
  readonly mean: number | null;
  readonly passes: number;
  /** How many have which verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** The steps of multi-step tasks, tasks by name and steps in their order. */
export function scoreSteps(trials: readonly TrialSummary[]): readonly StepScore[] {
  const tasks = [
    ...new Set(trials.filter(({ steps = [] }) => steps.length > 0).map(({ task }) => task)),
  ].sort();
  return tasks.flatMap((task) => {
    const begun = trials.filter((trial) => trial.task === task).flatMap(({ steps = [] }) => steps);
    return [...new Set(begun.map(({ name }) => name))].map((step) => {
      const own = begun.filter(({ name }) => name === step);
      const rewards = own.flatMap(({ reward }) => (reward === null ? [] : [reward]));
      const verdicts: Record<string, number> = {};
      for (const { verdict } of own) if (verdict !== null) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      return {
        task,
        step,
        begun: own.length,
        mean: rewards.length === 0 ? null : mean(rewards),
        passes: rewards.filter(isPassing).length,
        verdicts,
      };
    });
  });
}
