import { mean, meanFraction } from '../../base/number/mean.js';
import type { Fraction } from '../../base/number/fraction.js';
import type { ComparisonSide } from '../comparison/comparison-side.js';

/** The rewards of several steps at the tasks that all of them have measured. */
export interface StepGrid {
  readonly steps: readonly string[];
  readonly tasks: readonly string[];
  /** `rewards[step][task]`, at least one reward each. */
  readonly rewards: readonly (readonly (readonly number[])[])[];
  /** Tasks left out because some step has no measured trial of them. */
  readonly unpaired: readonly string[];
}

/** What the attempts of one step say: its mean on these tasks, and how far new attempts would move it. */
export interface StepEstimate {
  readonly mean: number;
  readonly standardError: number;
  /** Fewest attempts of a task. */
  readonly attempts: number;
  /** Smallest difference that two means of 0/1 rewards can have, 1 / (tasks x attempts). */
  readonly resolution: number;
}

/** Lays sides out as a grid, steps in the order given. */
export function stepGrid(
  steps: readonly { readonly label: string; readonly side: ComparisonSide }[],
): StepGrid {
  const rewardsOf = (side: ComparisonSide, task: string): readonly number[] =>
    side.tasks.get(task)?.rewards ?? [];
  const names = [...new Set(steps.flatMap(({ side }) => [...side.tasks.keys()]))].sort();
  const isPaired = (task: string): boolean => steps.every(({ side }) => rewardsOf(side, task).length > 0);
  const tasks = names.filter(isPaired);
  return {
    steps: steps.map(({ label }) => label),
    tasks,
    rewards: steps.map(({ side }) => tasks.map((task) => rewardsOf(side, task))),
    unpaired: names.filter((task) => !isPaired(task)),
  };
}

/** The mean of each task at each step: `[step][task]`. */
export function taskMeans(grid: StepGrid): Fraction[][] {
  return grid.rewards.map((tasks) => tasks.map(meanFraction));
}

/**
 * Each step's mean and its standard error for new attempts at these same tasks: sqrt(sum_i s_i^2 / n_i) / N. A task
 * with a single attempt shows no spread of its own; the variance of all steps' attempts at it stands in, which
 * is too large where steps differ.
 */
export function stepEstimates(grid: StepGrid): StepEstimate[] {
  return grid.rewards.map((tasks) => {
    const parts = tasks.map((rewards, task) => {
      const known = rewards.length > 1 ? rewards : grid.rewards.flatMap((step) => step[task] ?? []);
      return variance(known) / rewards.length;
    });
    const attempts = tasks.reduce((least, rewards) => Math.min(least, rewards.length), Infinity);
    return {
      mean: mean(tasks.map(meanFraction)),
      standardError: Math.sqrt(parts.reduce((total, part) => total + part, 0)) / Math.max(1, tasks.length),
      attempts,
      resolution: tasks.length === 0 ? 0 : 1 / (tasks.length * attempts),
    };
  });
}

/** Sample variance in doubles: it feeds an error that is printed with one decimal. 0 below two values. */
function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = values.reduce((total, value) => total + value, 0) / values.length;
  return values.reduce((total, value) => total + (value - centre) ** 2, 0) / (values.length - 1);
}
