import { mean, meanFraction } from '../../base/number/mean.js';
import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';

/** One recorded turn of a trial and what it took. */
export interface TurnTime {
  /** Tokens of its answer; null where the server did not say. */
  readonly tokens: number | null;
  /** Time for its answer, and for its commands. */
  readonly modelMs: number;
  readonly commandsMs: number;
  /** False where it changed nothing in the sandbox: no command, or one that only submits. */
  readonly acts: boolean;
  /** False where the trial ended in it, so that its commands are not known to have ended. */
  readonly isWhole: boolean;
}

/** What the score would be if the agent's clock counted the model's tokens at a stated rate. */
export interface AtSpeed {
  readonly tokensPerSecond: number;
  /** Every trial whose end is not known fails, and every such trial passes. */
  readonly low: number;
  readonly high: number;
  /** Trials whose time would have ended before a turn that acted, and those whose time would not have ended any more. */
  readonly cutOff: number;
  readonly setFree: number;
  /** Trials that do not record tokens, phases or a limit; they count as they ended. */
  readonly unknown: number;
  /** Trials judged by their totals, because their turns are not recorded one by one. */
  readonly byTotals: number;
}

type End = 'same' | 'cutOff' | 'setFree' | 'unknown';

/** Times of two runs closer than this share of the limit are the same run. */
const closeShare = 0.01;

/**
 * Score against assumed tokens per second, from recorded turns: turn by turn the tokens of the answer / rate, the commands as
 * recorded, and an even share of the harness's own time. Where the limit falls into or before a turn that acted, the
 * sandbox that the tests see is another one ("cut off"): a pass may be none. Where only turns that changed nothing fall
 * away, as a submission alone, the tests see the same. One that timed out and takes clearly less than it did ("set free")
 * may pass. Both are the width of the range: a record cannot know the turns that were never made, nor what the
 * tests would have said of the sandbox as it was before its last turns. A failure that is cut off counts as one.
 * Without turns the same is asked of the totals, in which nothing is known of what acted.
 */
export function scoreAtSpeed(
  job: JobSummary,
  tokensPerSecond: number,
  turnsOf: (trial: TrialSummary) => readonly TurnTime[] | null = () => null,
): AtSpeed {
  const byTask = new Map<string, { low: number; high: number }[]>();
  const counts = { cutOff: 0, setFree: 0, unknown: 0, byTotals: 0 };
  for (const trial of job.trials) {
    const turns = turnsOf(trial);
    const end = endAt(trial, turns, tokensPerSecond);
    if (end !== 'same') counts[end] += 1;
    if (end !== 'unknown' && turns === null) counts.byTotals += 1;
    const reward = trial.effectiveReward;
    const range = {
      low: end === 'cutOff' ? 0 : reward,
      high: end === 'setFree' ? Math.max(1, reward) : reward,
    };
    byTask.set(trial.task, [...(byTask.get(trial.task) ?? []), range]);
  }
  const over = (pick: 'low' | 'high'): number =>
    mean([...byTask.values()].map((trials) => meanFraction(trials.map((range) => range[pick]))));
  return { tokensPerSecond, low: over('low'), high: over('high'), ...counts };
}

/** The rate at which the recorded model answered, over all trials; null where the record does not say. */
export function recordedSpeed(job: JobSummary): number | null {
  const known = job.trials.filter((trial) => trial.tokens.output !== null && (trial.phasesMs.model ?? 0) > 0);
  const tokens = known.reduce((sum, trial) => sum + (trial.tokens.output ?? 0), 0);
  const ms = known.reduce((sum, trial) => sum + (trial.phasesMs.model ?? 0), 0);
  return ms === 0 ? null : (tokens / ms) * 1000;
}

function endAt(trial: TrialSummary, turns: readonly TurnTime[] | null, tokensPerSecond: number): End {
  if (trial.clock === null) return 'unknown';
  const { limitMs } = trial.clock;
  if (limitMs === null) return 'same';
  return turns === null
    ? endOfTotals(trial, limitMs, tokensPerSecond)
    : endOfTurns(trial, turns, { limitMs, tokensPerSecond });
}

function endOfTotals(
  { phasesMs, tokens, ending }: TrialSummary,
  limitMs: number,
  tokensPerSecond: number,
): End {
  const { agent, model } = phasesMs;
  if (agent === null || model === null || tokens.output === null) return 'unknown';
  const time = Math.max(0, agent - model) + (tokens.output / tokensPerSecond) * 1000;
  if (ending === 'agent-timeout') return time < limitMs ? 'setFree' : 'same';
  return time > limitMs ? 'cutOff' : 'same';
}

function endOfTurns(
  { phasesMs, ending }: TrialSummary,
  turns: readonly TurnTime[],
  { limitMs, tokensPerSecond }: { readonly limitMs: number; readonly tokensPerSecond: number },
): End {
  const whole = turns.filter(({ isWhole }) => isWhole);
  const took = sumOf(whole, ({ modelMs, commandsMs }) => modelMs + commandsMs);
  const hasTimedOut = ending === 'agent-timeout';
  // What a trial was doing when its time ended is not the harness's own time.
  const ownMs = hasTimedOut ? 0 : Math.max(0, (phasesMs.agent ?? took) - took) / Math.max(1, whole.length);
  const lastActing = whole.findLastIndex(({ acts }) => acts);
  let timeMs = 0;
  for (const [index, { tokens, commandsMs }] of whole.entries()) {
    if (tokens === null) return 'unknown';
    timeMs += (tokens / tokensPerSecond) * 1000 + commandsMs + ownMs;
    if (timeMs > limitMs) return index > lastActing ? 'same' : 'cutOff';
  }
  return hasTimedOut && timeMs < took - closeShare * limitMs ? 'setFree' : 'same';
}

function sumOf<T>(values: readonly T[], pick: (value: T) => number): number {
  return values.reduce((sum, value) => sum + pick(value), 0);
}
