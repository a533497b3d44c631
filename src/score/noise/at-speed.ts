import { mean } from '../../base/number/mean.js';
import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';

/** What the score would be if the agent's clock counted the model's tokens at a stated rate. */
export interface AtSpeed {
  readonly tokensPerSecond: number;
  /** Every trial whose end is not known fails, and every such trial passes. */
  readonly low: number;
  readonly high: number;
  /** Trials that would have met their time limit before they ended, and that theirs would not have stopped. */
  readonly cutOff: number;
  readonly setFree: number;
  /** Trials that do not record tokens, phases or a limit; they count as they ended. */
  readonly unknown: number;
}

/**
 * Score against assumed tokens per second, from recorded trials: an agent's time at rate r is its output tokens / r plus
 * the time of its commands and of the harness, which stay. A trial that passed and would not have fitted its limit may
 * have failed, one that timed out and would have fitted may have passed: both are the width of the range, because a
 * record cannot know the turns that were never made, nor that a model cut off earlier left a solution behind.
 */
export function scoreAtSpeed(job: JobSummary, tokensPerSecond: number): AtSpeed {
  const byTask = new Map<string, { low: number; high: number }[]>();
  const counts = { cutOff: 0, setFree: 0, unknown: 0 };
  for (const trial of job.trials) {
    const at = endAt(trial, tokensPerSecond);
    if (at.kind !== 'same') counts[at.kind] += 1;
    const reward = trial.effectiveReward;
    const range = {
      low: at.kind === 'cutOff' ? 0 : reward,
      high: at.kind === 'setFree' ? 1 : reward,
    };
    byTask.set(trial.task, [...(byTask.get(trial.task) ?? []), range]);
  }
  const over = (pick: 'low' | 'high'): number =>
    mean([...byTask.values()].map((trials) => mean(trials.map((range) => range[pick]))));
  return { tokensPerSecond, low: over('low'), high: over('high'), ...counts };
}

/** The rate at which the recorded model answered, over all trials; null where the record does not say. */
export function recordedSpeed(job: JobSummary): number | null {
  const known = job.trials.filter((trial) => trial.tokens.output !== null && (trial.phasesMs.model ?? 0) > 0);
  const tokens = known.reduce((sum, trial) => sum + (trial.tokens.output ?? 0), 0);
  const ms = known.reduce((sum, trial) => sum + (trial.phasesMs.model ?? 0), 0);
  return ms === 0 ? null : (tokens / ms) * 1000;
}

function endAt(
  trial: TrialSummary,
  tokensPerSecond: number,
): { readonly kind: 'same' | 'cutOff' | 'setFree' | 'unknown' } {
  const { agent, model } = trial.phasesMs;
  const limit = trial.clock?.limitMs ?? null;
  const tokens = trial.tokens.output;
  if (agent === null || model === null || tokens === null || limit === null) return { kind: 'unknown' };
  const time = Math.max(0, agent - model) + (tokens / tokensPerSecond) * 1000;
  if (trial.ending === 'agent-timeout') return { kind: time < limit ? 'setFree' : 'same' };
  return { kind: time > limit ? 'cutOff' : 'same' };
}
