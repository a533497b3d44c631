import type { TrialResult } from '../record/trial-result.js';
import type { JobConfig } from '../record/job-config.js';

/** What `result.json` of a job is made from. */
export interface JobState {
  readonly config: JobConfig;
  readonly results: readonly TrialResult[];
  readonly total: number;
  readonly startedAt: string;
  /** Null while trials are missing. */
  readonly finishedAt: string | null;
}

/**
 * `result.json` of a job in Harbor's shape (its `mean` counts a trial without a verdict as 0). A convenience for
 * other readers: tbench itself scores from the trials.
 */
export function jobTotals({
  config,
  results,
  total,
  startedAt,
  finishedAt,
}: JobState): Record<string, unknown> {
  const graded = results.filter((result) => result.verifier_result !== null);
  const errored = results.filter((result) => result.exception_info !== null);
  const sum = graded.reduce((all, result) => all + (result.verifier_result?.rewards['reward'] ?? 0), 0);
  const { agent, model, dataset } = config.tbench;
  return {
    id: config.tbench.job_id,
    started_at: startedAt,
    updated_at: new Date().toISOString(),
    finished_at: finishedAt,
    n_total_trials: total,
    stats: {
      n_completed_trials: results.length,
      n_errored_trials: errored.length,
      n_running_trials: 0,
      n_pending_trials: total - results.length,
      n_cancelled_trials: 0,
      n_retries: results.reduce((all, result) => all + result.tbench.tries - 1, 0),
      evals: {
        [`${agent}__${model ?? 'none'}__${dataset.name}`]: {
          n_trials: graded.length,
          n_errors: errored.length,
          metrics: [{ mean: results.length === 0 ? 0 : sum / results.length }],
          reward_stats: {
            reward: groupNames(graded, (result) => String(result.verifier_result?.rewards['reward'] ?? 0)),
          },
          exception_stats: groupNames(errored, (result) => result.exception_info?.exception_type ?? ''),
        },
      },
      n_input_tokens: sumTokens(results, 'n_input_tokens'),
      n_cache_tokens: sumTokens(results, 'n_cache_tokens'),
      n_output_tokens: sumTokens(results, 'n_output_tokens'),
      cost_usd: null,
    },
  };
}

function groupNames(
  results: readonly TrialResult[],
  key: (result: TrialResult) => string,
): Record<string, readonly string[]> {
  const groups: Record<string, string[]> = {};
  for (const result of results) (groups[key(result)] ??= []).push(result.trial_name);
  return groups;
}

type TokenField = 'n_input_tokens' | 'n_cache_tokens' | 'n_output_tokens';

/** Null, not 0, when no trial reports the count. */
function sumTokens(results: readonly TrialResult[], field: TokenField): number | null {
  const counts = results.flatMap((result) => result.agent_result?.[field] ?? []);
  return counts.length === 0 ? null : counts.reduce((all, count) => all + count, 0);
}
