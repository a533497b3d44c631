import { mean } from '../../base/number/mean.js';
import { sumOfKnown } from '../../base/number/sum-of-known.js';
import type { JobEvent } from '../../record/event.js';
import type { JobResult } from '../../record/job-result.js';
import type { TrialEnd } from '../../record/trial-end.js';
import type { JobConfig } from '../../record/job-config.js';

/** The trials of a job that are done, by name. A later end of the same trial replaces the earlier one. */
export type DoneTrials = Map<string, TrialEnd>;

/** Counts an event into what is done. Everything since the last `job-start` of events.jsonl tells the whole. */
export function countEvent(done: DoneTrials, event: JobEvent): void {
  if (event.kind === 'job-start') done.clear();
  if (event.kind === 'trial-end' || event.kind === 'trial-reused') done.set(event.end.trial, event.end);
}

/** What `result.json` of a job is made from. */
export interface JobState {
  readonly config: JobConfig;
  readonly done: DoneTrials;
  /** Trials that a person cancelled since this start. */
  readonly cancelled: ReadonlySet<string>;
  readonly total: number;
  readonly startedAt: string;
  /** Null while trials are missing. */
  readonly finishedAt: string | null;
}

/**
 * `result.json` of a job in Harbor's shape (its `mean` counts a trial without a verdict as 0). A convenience for
 * other readers: tbench itself scores from the trials.
 */
export function jobTotals({ config, done, cancelled, total, startedAt, finishedAt }: JobState): JobResult {
  const ends = [...done.values()];
  const graded = ends.filter((end) => end.reward !== null);
  const errored = ends.filter((end) => end.exception !== null);
  const { agent, model, dataset } = config.tbench;
  return {
    id: config.tbench.job_id,
    started_at: startedAt,
    updated_at: new Date().toISOString(),
    finished_at: finishedAt,
    n_total_trials: total,
    stats: {
      n_completed_trials: ends.length,
      n_errored_trials: errored.length,
      n_running_trials: 0,
      n_pending_trials: total - ends.length,
      n_cancelled_trials: [...cancelled].filter((trial) => !done.has(trial)).length,
      n_retries: ends.reduce((all, { tries }) => all + tries - 1, 0),
      evals: {
        [`${agent}__${model ?? 'none'}__${dataset.name}`]: {
          n_trials: graded.length,
          n_errors: errored.length,
          metrics: [{ mean: mean(ends.map(({ reward }) => reward ?? 0)) }],
          reward_stats: { reward: groupNames(graded, ({ reward }) => String(reward)) },
          exception_stats: groupNames(errored, ({ exception }) => exception?.type ?? ''),
        },
      },
      n_input_tokens: sumTokens(ends, 'input'),
      n_cache_tokens: sumTokens(ends, 'cached'),
      n_output_tokens: sumTokens(ends, 'output'),
      cost_usd: null,
    },
  };
}

function groupNames(ends: readonly TrialEnd[], key: (end: TrialEnd) => string): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const end of ends) groups.set(key(end), [...(groups.get(key(end)) ?? []), end.trial]);
  return Object.fromEntries(groups);
}

function sumTokens(ends: readonly TrialEnd[], field: keyof TrialEnd['tokens']): number | null {
  return sumOfKnown(ends.map(({ tokens }) => tokens[field]));
}
