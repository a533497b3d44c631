import { isPassing } from '../../record/reward.js';
import { datasetLabel } from '../../record/job-summary.js';
import {
  compareSides,
  pairTasks,
  refusedDifferences,
  type Comparison,
  type TaskComparison,
} from './compare.js';
import { normalQuantile } from '../statistics/interval.js';
import { decimal, percent } from '../../base/number/decimal.js';
import { mean, meanFraction } from '../../base/number/mean.js';
import { detectable, nullStandardError } from './paired.js';
import { permutationTest, type Pair } from '../statistics/permutation.js';
import { plural } from '../../base/plural.js';
import type { DifferenceKind } from './find-differences.js';
import { sideCoverage, type ComparisonSide } from './comparison-side.js';

export interface GateOptions {
  /** Largest drop that is tolerated, a fraction of 1. */
  readonly maxDrop: number;
  /** Chance of a red gate that is accepted when the true drop is at most `maxDrop`. */
  readonly alpha: number;
  /** Largest share of trials without a verdict, on either side. */
  readonly maxUnmeasured: number;
  readonly allow: readonly (DifferenceKind | 'all')[];
}

export const gateDefaults: GateOptions = {
  maxDrop: 0.02,
  alpha: 0.05,
  maxUnmeasured: 0.05,
  allow: ['harness'],
};

export type GateDecision = 'no-regression' | 'regression' | 'cannot-tell';

export interface GateResult {
  readonly decision: GateDecision;
  /** Why, in sentences for people. */
  readonly reasons: readonly string[];
  /** With which options it could be told, where any would help. */
  readonly remedy: GateRemedy;
  readonly options: GateOptions;
  readonly comparison: Comparison;
  /** How far the candidate fell, a fraction of 1; negative when it rose. */
  readonly drop: number;
  /** One-sided bounds of the drop, each at 1 - alpha. */
  readonly dropBounds: { readonly low: number; readonly high: number };
  /** Chance of such a drop if nothing changed (exact or Monte Carlo permutation within tasks). */
  readonly p: number;
  /** Smallest true drop that this gate turns red on with 80 % chance; null when even the largest could not. */
  readonly detectableDrop: number | null;
  readonly tasks: readonly GateTask[];
}

/** Options that accept what kept the gate from telling. */
export interface GateRemedy {
  readonly allow: readonly DifferenceKind[];
  /** Share of trials without a verdict that would have to be accepted; null where that is not what is in the way. */
  readonly maxUnmeasured: number | null;
}

/** Why nothing can be told, and what would accept it. */
interface Obstacle {
  readonly reason: string;
  readonly allow: DifferenceKind | null;
  readonly maxUnmeasured: number | null;
}

/** An obstacle that no option lifts. */
function final(reason: string): Obstacle {
  return { reason, allow: null, maxUnmeasured: null };
}

function remedyOf(obstacles: readonly Obstacle[]): GateRemedy {
  const kinds = obstacles.flatMap(({ allow }) => (allow === null ? [] : [allow]));
  const shares = obstacles.flatMap(({ maxUnmeasured }) => (maxUnmeasured === null ? [] : [maxUnmeasured]));
  const isLifted = obstacles.every(({ allow, maxUnmeasured }) => allow !== null || (maxUnmeasured ?? 1) < 1);
  if (!isLifted) return { allow: [], maxUnmeasured: null };
  return {
    allow: [...new Set(kinds)],
    maxUnmeasured: shares.length === 0 ? null : shares.reduce((a, b) => Math.max(a, b)),
  };
}

export interface GateTask extends TaskComparison {
  readonly status: TaskStatus;
}

/**
 * `broken`: always passed before, never now; `mended` the other way. `worse` and `better`: passed less or more often.
 * `flaky`: mixed results, as often as before. `unmeasured`: a side has none.
 */
export type TaskStatus = 'unchanged' | 'broken' | 'mended' | 'worse' | 'better' | 'flaky' | 'unmeasured';

/**
 * Decides whether a candidate fell behind a baseline. Red needs both: a permutation test within tasks that
 * rejects "nothing changed" at `alpha`, and a drop beyond `maxDrop` by z(1 - alpha) standard errors. So the
 * chance of a false alarm stays at or under `alpha` for every true drop up to `maxDrop`. "Cannot tell" when
 * the sides are not the same tasks and limits, too many trials have no verdict, or there is so little data
 * that even a candidate failing everything would pass.
 */
export function runGate(
  baseline: ComparisonSide,
  candidate: ComparisonSide,
  options: GateOptions = gateDefaults,
): GateResult {
  const comparison = compareSides(baseline, candidate);
  const pairs = pairTasks(baseline, candidate);
  const error = nullStandardError(pairs);
  const z = normalQuantile(1 - options.alpha);
  const drop = -comparison.difference;
  const p = comparison.sameTasks.test.drop;
  const canTurnRed = pairs.length > 0 && couldFail(pairs, options);
  const obstacles: Obstacle[] = [
    ...refusedDifferences(comparison.differences, options.allow).map(({ detail, kind }) => ({
      ...final(detail),
      allow: kind,
    })),
    ...unmeasuredObstacles([baseline, candidate], options),
    ...(pairs.length === 0 ? [final('no task is measured on both sides')] : []),
    ...(pairs.length > 0 && !canTurnRed ? [final(tooLittle(pairs, options))] : []),
  ];
  const isRed = pairs.length > 0 && p <= options.alpha && exceeds(drop, error, options);
  const decision = obstacles.length > 0 ? 'cannot-tell' : isRed ? 'regression' : 'no-regression';
  const known = pairs.length === 0 ? 1 : error;
  return {
    decision,
    reasons:
      obstacles.length > 0
        ? obstacles.map(({ reason }) => reason)
        : [explain(decision, { drop, p, error, options })],
    remedy: remedyOf(obstacles),
    options,
    comparison,
    drop,
    dropBounds: { low: Math.max(-1, drop - z * known), high: Math.min(1, drop + z * known) },
    p,
    detectableDrop: canTurnRed ? options.maxDrop + detectable(known, options.alpha) : null,
    tasks: gateTasks(comparison),
  };
}

function unmeasuredObstacles(sides: readonly ComparisonSide[], { maxUnmeasured }: GateOptions): Obstacle[] {
  return sides.flatMap((side) => {
    const { measured, planned } = sideCoverage(side);
    const share = planned === 0 ? 1 : 1 - measured / planned;
    if (share <= maxUnmeasured) return [];
    const reason = `${planned - measured} of ${planned} trials of ${side.name} (${datasetLabel(side.dataset)}) have no verdict: ${percent(share)} %, allowed ${percent(maxUnmeasured)} %`;
    return [{ reason, allow: null, maxUnmeasured: share }];
  });
}

/** True when the drop is beyond what is allowed; with nothing allowed the permutation test alone decides. */
function exceeds(drop: number, standardError: number, { maxDrop, alpha }: GateOptions): boolean {
  return maxDrop === 0 ? drop > 0 : drop - normalQuantile(1 - alpha) * standardError > maxDrop;
}

/** False when even a candidate with no reward at all could not turn the gate red. */
function couldFail(pairs: readonly Pair[], options: GateOptions): boolean {
  const worst = pairs.map((pair) => ({ ...pair, after: pair.after.map(() => 0) }));
  const drop = mean(pairs.map((pair) => meanFraction(pair.before)));
  return (
    exceeds(drop, nullStandardError(worst), options) && permutationTest(worst, 2000).drop <= options.alpha
  );
}

function tooLittle(pairs: readonly Pair[], { alpha }: GateOptions): string {
  const attempts = pairs.reduce((sum, pair) => sum + pair.after.length, 0);
  return `too little data: with ${plural(pairs.length, 'task')} and ${plural(attempts, 'trial')} even a candidate that fails everything would not be told from chance at alpha ${alpha}`;
}

interface GateFigures {
  readonly drop: number;
  readonly p: number;
  readonly error: number;
  readonly options: GateOptions;
}

function explain(decision: GateDecision, { drop, p, options }: GateFigures): string {
  const points = (value: number): string => `${percent(value)} pp`;
  const seen =
    drop > 0 ? `fell by ${points(drop)}` : drop < 0 ? `rose by ${points(-drop)}` : 'did not change';
  const chance = `p = ${p < 0.0001 ? '< 0.0001' : decimal(p, 4)}`.replace('= <', '<');
  if (decision === 'regression') {
    return `the mean ${seen}, more than ${points(options.maxDrop)} beyond chance (${chance}, alpha ${options.alpha})`;
  }
  if (drop < 0) return `the mean ${seen}: there is no drop`;
  if (drop === 0) return `the mean ${seen}`;
  if (p <= options.alpha)
    return `the mean ${seen} (${chance}), but not surely more than the ${points(options.maxDrop)} allowed`;
  return `the mean ${seen}, which chance alone gives often enough (${chance}, alpha ${options.alpha})`;
}

function gateTasks(comparison: Comparison): GateTask[] {
  const paired = comparison.tasks.map((task): GateTask => ({ ...task, status: statusOf(task) }));
  const left = comparison.unpaired.map((task): GateTask => ({
    task,
    before: comparison.before.tasks.get(task)?.rewards ?? [],
    after: comparison.after.tasks.get(task)?.rewards ?? [],
    difference: 0,
    status: 'unmeasured',
  }));
  return [...paired, ...left].sort((a, b) => (a.task < b.task ? -1 : 1));
}

function statusOf({ before, after, difference }: TaskComparison): TaskStatus {
  const all = (rewards: readonly number[], passed: boolean): boolean =>
    rewards.every((reward) => isPassing(reward) === passed);
  if (all(before, true) && all(after, false)) return 'broken';
  if (all(before, false) && all(after, true)) return 'mended';
  if (difference !== 0) return difference < 0 ? 'worse' : 'better';
  const steady = (rewards: readonly number[]): boolean => all(rewards, true) || all(rewards, false);
  return steady(before) && steady(after) ? 'unchanged' : 'flaky';
}
