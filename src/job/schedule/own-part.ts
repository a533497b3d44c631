import type { Shard } from '../../record/run-spec.js';
import type { PlannedTrial } from '../planned-trial.js';
import { expectedDurations, timeoutMs } from './expected-duration.js';
import { orderTrials } from './order-trials.js';

/**
 * The trials of a plan that one of several runs makes, in the order of the plan; null is the only run. The cut goes by
 * the tasks' own timeouts alone, longest first to the part that has least: every machine must come to the same cut,
 * whatever jobs it has on record.
 */
export function ownPart(plan: readonly PlannedTrial[], shard: Shard | null): readonly PlannedTrial[] {
  if (shard === null) return plan;
  const tasks = [...new Set(plan.map(({ task }) => task))];
  const expectedMs = expectedDurations(tasks, new Map());
  const parts = Array.from({ length: shard.of }, () => ({ trials: new Set<string>(), load: 0 }));
  for (const { name, task } of orderTrials(plan, expectedMs)) {
    const part = parts.reduce((least, one) => (isLighter(one, least) ? one : least));
    part.trials.add(name);
    part.load += timeoutMs(task) ?? 0;
  }
  const own = parts[shard.index - 1]?.trials ?? new Set();
  return plan.filter(({ name }) => own.has(name));
}

interface Part {
  readonly trials: ReadonlySet<string>;
  readonly load: number;
}

/** Among equal loads the part of fewer trials: a task without a time limit adds nothing to the load. */
function isLighter(one: Part, other: Part): boolean {
  return one.load < other.load || (one.load === other.load && one.trials.size < other.trials.size);
}
