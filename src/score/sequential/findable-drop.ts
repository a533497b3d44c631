import { toNumber } from '../../base/number/fraction.js';
import type { ComparisonSide } from '../comparison/comparison-side.js';
import { detectable } from '../comparison/paired.js';
import { sampleVariance } from '../statistics/variance.js';

/** Stopping early costs a little power: this much larger is the drop found as often as by the fixed gate. */
const costOfLooking = 1.1;

/**
 * The drop that a budget can be trusted to find: what the fixed gate finds with 80 % power at `attempts` a side, by the
 * mean variance within the baseline's tasks, and a tenth more for looking often. Where tasks have single attempts the
 * variance over all rewards stands in, which is larger. At least 3 trials' worth: no spread seen in n
 * trials does not rule out 3 / n (the rule of three). NaN without rewards.
 */
export function findableDrop(
  baseline: ComparisonSide,
  attempts: number,
  { maxDrop, alpha }: { readonly maxDrop: number; readonly alpha: number },
): number {
  const tasks = [...baseline.tasks.values()].map((task) => task.rewards).filter((task) => task.length > 0);
  const repeated = tasks.filter((rewards) => rewards.length > 1);
  const variances = (repeated.length > 0 ? repeated : [tasks.flat()]).map((rewards) =>
    toNumber(sampleVariance(rewards)),
  );
  const variance = variances.reduce((sum, value) => sum + value, 0) / variances.length;
  const error = Math.sqrt((2 * variance) / (tasks.length * attempts));
  const least = 3 / (tasks.length * attempts);
  return Math.min(1, maxDrop + Math.max(least, costOfLooking * detectable(error, alpha)));
}
