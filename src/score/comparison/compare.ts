import { toNumber } from '../../base/number/fraction.js';
import { mean, meanFraction } from '../../base/number/mean.js';
import {
  detectable,
  newTasksEstimate,
  nullStandardError,
  sameTasksEstimate,
  type Estimate,
} from './paired.js';
import {
  pairedDifference,
  permutationTest,
  taskDifference,
  type Pair,
  type PermutationTest,
} from '../statistics/permutation.js';
import { findDifferences, type Difference, type DifferenceKind } from './find-differences.js';
import type { ComparisonSide } from './comparison-side.js';

/** Two sides compared task by task; differences are second minus first, fractions of 1. */
export interface Comparison {
  readonly before: ComparisonSide;
  readonly after: ComparisonSide;
  /** Differences in set-up that were found; the caller decides whether to go on. */
  readonly differences: readonly Difference[];
  readonly nTasks: number;
  /** Tasks left out because a side has no measured trial of them. */
  readonly unpaired: readonly string[];
  readonly meanBefore: number;
  readonly meanAfter: number;
  readonly difference: number;
  /** For new attempts at these same tasks. */
  readonly sameTasks: Estimate & { readonly test: PermutationTest; readonly detectable: number };
  /** For new tasks of the same kind; null with a single task. */
  readonly newTasks: (Estimate & { readonly p: number | null; readonly detectable: number }) | null;
  readonly tasks: readonly TaskComparison[];
}

export interface TaskComparison {
  readonly task: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly difference: number;
}

const testLevel = 0.05;

/** Whether chance alone gives a difference of such a p-value too rarely to be believed. */
export function isBeyondChance(p: number): boolean {
  return p <= testLevel;
}

/** Compares what both sides have in common. Never refuses: see `refusedDifferences`. */
export function compareSides(before: ComparisonSide, after: ComparisonSide): Comparison {
  const pairs = pairTasks(before, after);
  const names = new Set([...before.tasks.keys(), ...after.tasks.keys()]);
  const newTasks = newTasksEstimate(pairs);
  return {
    before,
    after,
    differences: findDifferences(before, after),
    nTasks: pairs.length,
    unpaired: [...names].filter((name) => !pairs.some((pair) => pair.task === name)).sort(),
    meanBefore: mean(pairs.map((pair) => meanFraction(pair.before))),
    meanAfter: mean(pairs.map((pair) => meanFraction(pair.after))),
    difference: pairedDifference(pairs),
    sameTasks: {
      ...sameTasksEstimate(pairs),
      test: permutationTest(pairs),
      detectable: detectable(nullStandardError(pairs), testLevel / 2),
    },
    newTasks:
      newTasks === null
        ? null
        : { ...newTasks, detectable: detectable(newTasks.standardError, testLevel / 2) },
    tasks: pairs.map((pair) => ({ ...pair, difference: toNumber(taskDifference(pair)) })),
  };
}

/** The differences that were not allowed. */
export function refusedDifferences(
  differences: readonly Difference[],
  allowed: readonly (DifferenceKind | 'all')[],
): Difference[] {
  return differences.filter(({ kind }) => !allowed.includes('all') && !allowed.includes(kind));
}

/** Tasks that both sides have measured, by name. */
export function pairTasks(before: ComparisonSide, after: ComparisonSide): Pair[] {
  return [...before.tasks]
    .flatMap(([task, { rewards }]) => {
      const other = after.tasks.get(task)?.rewards ?? [];
      return rewards.length === 0 || other.length === 0 ? [] : [{ task, before: rewards, after: other }];
    })
    .sort((a, b) => (a.task < b.task ? -1 : 1));
}
