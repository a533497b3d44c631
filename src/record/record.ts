import { z } from 'zod';

/**
 * What tbench stores of a trial and a job. The layout is Harbor's (0.6.6 era), so its readers work on our
 * folders; what Harbor lacks (attempt, ending, blame, integrity, clocks, limits) lies beside its keys.
 */
export const recordVersion = 1;

/** Why the agent stopped; exactly one a trial. `finished` is oracle's and nop's. */
export const endings = [
  'submitted',
  'turn-limit',
  'token-budget',
  'context-window',
  'agent-timeout',
  'format-errors',
  'model-error',
  'sandbox-error',
  'storage-limit',
  'cancelled',
  'finished',
] as const;
export type Ending = (typeof endings)[number];

/** Who a failure is charged to. */
export const blames = ['model', 'task', 'verifier', 'infrastructure'] as const;
export type Blame = (typeof blames)[number];

export const verifierStatuses = ['completed', 'bootstrap_failed', 'not_run', 'timed_out'] as const;
export type VerifierStatus = (typeof verifierStatuses)[number];

export const verdicts = ['clean', 'noted', 'suspicious', 'tampered', 'unverifiable'] as const;
export type Verdict = (typeof verdicts)[number];

const phase = z.object({ started_at: z.string(), finished_at: z.string() }).nullable();

export const findingSchema = z.object({
  code: z.string(),
  severity: z.enum(['note', 'warn', 'fail']),
  path: z.string().optional(),
  detail: z.string(),
});
export type Finding = z.infer<typeof findingSchema>;

/** `integrity` of a trial's result.json: how far its verdict can be trusted, and why. */
export const integritySchema = z.object({
  status: z.enum(verifierStatuses),
  verdict: z.enum(verdicts),
  /** What an upstream harness would have recorded; null when there was no reward. */
  raw_reward: z.number().nullable(),
  /** What the headline uses. */
  effective_reward: z.number(),
  evidence: z.record(z.string(), z.unknown()),
  findings: z.array(findingSchema),
});
export type Integrity = z.infer<typeof integritySchema>;

/** `result.json` of a trial. Harbor's keys first, ours after. Times ISO 8601 in UTC; `*_ms` milliseconds. */
export const trialResultSchema = z.object({
  id: z.string(),
  task_name: z.string(),
  trial_name: z.string(),
  trial_uri: z.string(),
  task_id: z.record(z.string(), z.unknown()),
  source: z.string().nullable(),
  task_checksum: z.string(),
  config: z.record(z.string(), z.unknown()),
  agent_info: z.object({
    name: z.string(),
    version: z.string(),
    model_info: z.object({ name: z.string(), provider: z.string() }).nullable(),
  }),
  agent_result: z
    .object({
      n_input_tokens: z.number().nullable(),
      n_cache_tokens: z.number().nullable(),
      n_output_tokens: z.number().nullable(),
      cost_usd: z.number().nullable(),
      rollout_details: z.null(),
      metadata: z.record(z.string(), z.unknown()).nullable(),
    })
    .nullable(),
  verifier_result: z.object({ rewards: z.record(z.string(), z.number()) }).nullable(),
  exception_info: z
    .object({
      exception_type: z.string(),
      exception_message: z.string(),
      exception_traceback: z.string(),
      occurred_at: z.string(),
    })
    .nullable(),
  started_at: z.string(),
  finished_at: z.string(),
  environment_setup: phase,
  agent_setup: phase,
  agent_execution: phase,
  verifier: phase,
  step_results: z.null(),

  tbench: z.object({
    record_version: z.literal(recordVersion),
    version: z.string(),
    /** 1-based; run i of a job is attempt i of every task. */
    attempt: z.number().int().positive(),
    ending: z.enum(endings).nullable(),
    ending_detail: z.string().nullable(),
    /** Null when nothing failed (a model that simply did not solve the task is blamed by the reward). */
    blame: z.enum(blames).nullable(),
    /** `live`, `replay`, `scripted`, or `none` for oracle and nop. */
    model_kind: z.enum(['live', 'replay', 'scripted', 'none']),
    /** Earlier tries of this attempt that infrastructure broke; their evidence is kept under tries/. */
    tries: z.number().int().positive(),
    task_digest: z.string(),
    difficulty: z.string().nullable(),
    category: z.string().nullable(),
    totals: z.record(z.string(), z.number().nullable()),
    clock: z
      .object({
        mode: z.enum(['wall', 'working']),
        limit_ms: z.number().nullable(),
        elapsed_ms: z.number(),
        wall_ms: z.number(),
        working_ms: z.number(),
        slot_ms: z.number(),
        retry_ms: z.number(),
        outage_ms: z.number(),
      })
      .nullable(),
    /** Wall time of each phase on the monotonic clock. */
    phases_ms: z.record(z.string(), z.number()),
    image: z.object({ reference: z.string(), id: z.string(), digest: z.string().nullable() }).nullable(),
    limits: z.record(z.string(), z.unknown()).nullable(),
    vitals: z.record(z.string(), z.unknown()).nullable(),
    reward_text: z.string().nullable(),
    warnings: z.array(z.string()),
  }),
  integrity: integritySchema.nullable(),
});
export type TrialResult = z.infer<typeof trialResultSchema>;
