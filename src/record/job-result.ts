import { z } from 'zod';

const tokens = z.number().nullable();
const names = z.array(z.string());

/** `result.json` of a job, in Harbor's shape: a convenience for other readers, tbench scores from the trials. */
export const jobResultSchema = z.object({
  id: z.string(),
  started_at: z.string(),
  updated_at: z.string(),
  /** Null while trials are missing. */
  finished_at: z.string().nullable(),
  n_total_trials: z.number().int().nonnegative(),
  stats: z.object({
    n_completed_trials: z.number(),
    n_errored_trials: z.number(),
    n_running_trials: z.number(),
    n_pending_trials: z.number(),
    n_cancelled_trials: z.number(),
    n_retries: z.number(),
    /** By `<agent>__<model>__<dataset>`; a job of tbench has one. */
    evals: z.record(
      z.string(),
      z.object({
        n_trials: z.number(),
        n_errors: z.number(),
        metrics: z.array(z.object({ mean: z.number() })),
        /** Trial names by reward, and by exception. */
        reward_stats: z.object({ reward: z.record(z.string(), names) }),
        exception_stats: z.record(z.string(), names),
      }),
    ),
    n_input_tokens: tokens,
    n_cache_tokens: tokens,
    n_output_tokens: tokens,
    cost_usd: z.null(),
  }),
});
export type JobResult = z.infer<typeof jobResultSchema>;
