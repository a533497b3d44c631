import type { TrialSummary } from '../../record/trial-summary.js';
import type { GroupScore, TaskScore } from './job-score.js';
import { mean, meanFraction, sum } from '../../base/number/mean.js';
import { standardError } from '../statistics/standard-error.js';

/**
 * Scores by difficulty, category and any further metadata key; keys that no task has are left out. A task with a list
 * (tags) counts in the group of each entry.
 */
export function groupTasks(
  trials: readonly TrialSummary[],
  tasks: readonly TaskScore[],
  keys: readonly string[],
): Record<string, readonly GroupScore[]> {
  const metadata = new Map(trials.map((trial) => [trial.task, trial.metadata]));
  const groups = new Map<string, readonly GroupScore[]>();
  for (const key of new Set(['difficulty', 'category', ...keys])) {
    const valuesOf = (task: TaskScore): string[] => {
      if (key === 'difficulty') return describe(task.difficulty);
      if (key === 'category') return describe(task.category);
      return describe(metadata.get(task.task)?.[key]);
    };
    if (tasks.some((task) => valuesOf(task).length > 0)) groups.set(key, groupBy(tasks, valuesOf));
  }
  return Object.fromEntries(groups);
}

function groupBy(tasks: readonly TaskScore[], valuesOf: (task: TaskScore) => string[]): GroupScore[] {
  const members = new Map<string, TaskScore[]>();
  for (const task of tasks) {
    const values = valuesOf(task);
    for (const value of values.length === 0 ? ['none'] : values) {
      members.set(value, [...(members.get(value) ?? []), task]);
    }
  }
  return [...members]
    .sort(([a], [b]) => byValue(a, b))
    .map(([value, group]) => {
      const means = group.map((task) => meanFraction(task.rewards.map((reward) => reward ?? 0)));
      const nTrials = sum(group.map((task) => task.rewards.length));
      return {
        value,
        nTasks: group.length,
        nTrials,
        measured: sum(group.map((task) => task.measured)),
        mean: mean(means),
        passRate: sum(group.map((task) => task.passes)) / nTrials,
        clusteredStandardError: standardError(means),
      };
    });
}

/** Numbers by size, before words; words by name. */
function byValue(a: string, b: string): number {
  const [x, y] = [numberIn(a), numberIn(b)];
  if (x !== null && y !== null) return x - y;
  if (x !== null || y !== null) return x === null ? 1 : -1;
  return a < b ? -1 : 1;
}

function numberIn(text: string): number | null {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

function describe(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  return Array.isArray(value) ? [...new Set(value.flatMap(describe))] : [];
}
