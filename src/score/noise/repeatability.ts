import type { Replay, ReplayedTrial } from '../../record/replay-check.js';
import { exactInterval } from '../statistics/interval.js';
import type { Range } from '../statistics/quantile.js';

/** Trials whose verdict changed when their turns were played again, of those that could be compared. */
export interface ChangeRate {
  readonly trials: number;
  readonly changed: number;
  readonly share: number;
  /** Clopper-Pearson, 95 %: a trial is one observation however often it was replayed. */
  readonly interval: Range;
}

export interface Repeatability {
  readonly replays: number;
  readonly all: ChangeRate;
  /** Of the trials whose commands printed what was recorded every time: what changed is the verifier's own noise. */
  readonly faithful: ChangeRate;
  /** Replays that ended without a verdict, which say nothing. */
  readonly unmeasured: number;
  /** Tasks with a changed verdict, and in how many of their replays. */
  readonly tasks: readonly { readonly task: string; readonly changed: number; readonly replays: number }[];
  readonly changedTrials: readonly ReplayedTrial[];
}

/** How far the verdicts of a job repeat, over all replays of it. Null without one. */
export function measureRepeatability(replays: readonly Replay[]): Repeatability | null {
  const all = replays.flatMap(({ trials }) => trials);
  if (all.length === 0) return null;
  const known = all.filter(({ recorded, replayed }) => recorded !== null && replayed !== null);
  const changedTrials = known.filter(hasChanged);
  const strayed = new Set(known.filter(({ diverged }) => diverged > 0).map(({ trial }) => trial));
  const tasks = [...new Set(changedTrials.map(({ task }) => task))].sort().map((task) => ({
    task,
    changed: changedTrials.filter((trial) => trial.task === task).length,
    replays: known.filter((trial) => trial.task === task).length,
  }));
  return {
    replays: known.length,
    all: changeRate(known),
    faithful: changeRate(known.filter(({ trial }) => !strayed.has(trial))),
    unmeasured: all.length - known.length,
    tasks,
    changedTrials,
  };
}

function hasChanged({ recorded, replayed }: ReplayedTrial): boolean {
  return recorded !== replayed;
}

function changeRate(replayed: readonly ReplayedTrial[]): ChangeRate {
  const trials = new Set(replayed.map(({ trial }) => trial)).size;
  const changed = new Set(replayed.filter(hasChanged).map(({ trial }) => trial)).size;
  return {
    trials,
    changed,
    share: trials === 0 ? 0 : changed / trials,
    interval: exactInterval(changed, trials),
  };
}
