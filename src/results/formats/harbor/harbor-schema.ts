import { z } from 'zod';
import { foreignCount, foreignSeconds } from '../foreign-number.js';

/**
 * What is read of Harbor's files (January to June 2026 versions) and of tbench's own, which extend them.
 * Every key but `task_name` may be missing; unknown keys are ignored. What a trial is counted by may also be
 * unreadable, then it counts as absent: one odd value must not take a trial out of the denominator. Limits that a
 * configuration changed are not so forgiven.
 */
const optionalText = z.string().nullish().catch(null);
const optionalNumber = z.number().nullish();
const phase = z.object({ started_at: optionalText, finished_at: optionalText }).nullish().catch(null);

const agentConfig = z
  .object({
    name: optionalText,
    import_path: optionalText,
    model_name: optionalText,
    override_timeout_sec: optionalNumber,
    override_setup_timeout_sec: optionalNumber,
    max_timeout_sec: optionalNumber,
  })
  .nullish();

const environmentConfig = z
  .object({
    type: optionalText,
    override_cpus: optionalNumber,
    override_memory_mb: optionalNumber,
    override_storage_mb: optionalNumber,
    override_gpus: optionalNumber,
  })
  .nullish();

const verifierConfig = z
  .object({
    override_timeout_sec: optionalNumber,
    max_timeout_sec: optionalNumber,
    disable: z.boolean().nullish(),
  })
  .nullish();

const multipliers = {
  timeout_multiplier: optionalNumber,
  agent_timeout_multiplier: optionalNumber,
  verifier_timeout_multiplier: optionalNumber,
  agent_setup_timeout_multiplier: optionalNumber,
  environment_build_timeout_multiplier: optionalNumber,
};

export const harborTrialConfigSchema = z.object({
  ...multipliers,
  agent: agentConfig,
  environment: environmentConfig,
  verifier: verifierConfig,
  task: z.object({ source: optionalText, git_commit_id: optionalText }).nullish(),
});
export type HarborTrialConfig = z.infer<typeof harborTrialConfigSchema>;

export const harborJobConfigSchema = z.object({
  ...multipliers,
  n_attempts: foreignCount,
  agents: z.array(agentConfig).nullish(),
  environment: environmentConfig,
  verifier: verifierConfig,
  datasets: z
    .array(z.object({ name: optionalText, path: optionalText, version: optionalText, ref: optionalText }))
    .nullish(),
  tbench: z.record(z.string(), z.unknown()).nullish(),
});
export type HarborJobConfig = z.infer<typeof harborJobConfigSchema>;

export const harborJobResultSchema = z.object({
  started_at: optionalText,
  finished_at: optionalText,
  n_total_trials: foreignCount,
  stats: z.object({ n_cancelled_trials: foreignCount }).nullish().catch(null),
});

/** What of a job's lock.json tells its tasks. */
export const lockedTasksSchema = z.object({
  trials: z.array(z.object({ task: z.object({ name: z.string().min(1) }) })),
});

export const harborTrialSchema = z.object({
  id: optionalText,
  task_name: z.string().min(1),
  trial_name: optionalText,
  source: optionalText,
  task_checksum: optionalText,
  config: harborTrialConfigSchema.nullish(),
  agent_info: z
    .object({
      name: optionalText,
      version: optionalText,
      model_info: z.object({ name: optionalText, provider: optionalText }).nullish().catch(null),
    })
    .nullish()
    .catch(null),
  agent_result: z
    .object({ n_input_tokens: foreignCount, n_output_tokens: foreignCount, n_cache_tokens: foreignCount })
    .nullish()
    .catch(null),
  /** Read by `readRewards`. */
  verifier_result: z.unknown().optional(),
  exception_info: z
    .object({ exception_type: z.string(), exception_message: optionalText })
    .nullish()
    .catch({ exception_type: 'unreadable' }),
  started_at: optionalText,
  finished_at: optionalText,
  environment_setup: phase,
  agent_setup: phase,
  agent_execution: phase,
  verifier: phase,
  tbench: z.record(z.string(), z.unknown()).nullish(),
  integrity: z.record(z.string(), z.unknown()).nullish(),
  /** Read by `readSteps`. */
  step_results: z.unknown().optional(),
});
export type HarborTrial = z.infer<typeof harborTrialSchema>;

export const timingSchema = z.array(
  z.object({
    llm_s: foreignSeconds,
    bash_s: foreignSeconds,
    cmd: optionalText,
    format_error: z.boolean().nullish(),
  }),
);
export type Timing = z.infer<typeof timingSchema>;

/** Of `agent/usage.json`: what tbench adds to the totals. */
export const usageSchema = z.object({
  turns: z.array(z.object({ prompt_tokens: foreignCount, completion_tokens: foreignCount })).nullish(),
});
