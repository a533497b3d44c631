import { tableSchema } from '../base/table-schema.js';
import { z } from 'zod';
import { clockModes } from '../base/agent-clock.js';
import { blames } from './blame.js';
import { endings } from './ending.js';
import { integritySchema } from './integrity.js';
import { modelKinds } from './model-kind.js';
import { resumptionSchema } from './resumption.js';
import { recordVersion } from './record-version.js';

const phase = z.object({ started_at: z.string(), finished_at: z.string() }).nullable();

const verifierResult = z.object({ rewards: tableSchema(z.number()) }).nullable();
const agentResult = z
  .object({
    n_input_tokens: z.number().nullable(),
    n_cache_tokens: z.number().nullable(),
    n_output_tokens: z.number().nullable(),
    cost_usd: z.number().nullable(),
    rollout_details: z.null(),
    metadata: z.record(z.string(), z.unknown()).nullable(),
  })
  .nullable();
const exceptionInfo = z
  .object({
    exception_type: z.string(),
    exception_message: z.string(),
    exception_traceback: z.string(),
    occurred_at: z.string(),
  })
  .nullable();
const clock = z.object({
  mode: z.enum(clockModes),
  limit_ms: z.number().nullable(),
  elapsed_ms: z.number(),
  wall_ms: z.number(),
  working_ms: z.number(),
  slot_ms: z.number(),
  retry_ms: z.number(),
  outage_ms: z.number(),
  /** Paused by hand; absent where nobody did. */
  pause_ms: z.number().optional(),
  /** Of the request that the end of the time cut off: how long it had brought no byte. Absent before 0.2. */
  silence_ms: z.number().optional(),
  /** Share of the agent's time in which the model server kept the model from answering. Absent before 0.2. */
  server_share: z.number().optional(),
});

/** What came of one step of a multi-step task. Harbor's keys first, ours after. */
const stepResultSchema = z.object({
  step_name: z.string(),
  agent_result: agentResult,
  /** As the tests wrote them; all 0 where the verdict takes the reward away. */
  verifier_result: verifierResult,
  exception_info: exceptionInfo,
  agent_execution: phase,
  verifier: phase,
  tbench: z.object({
    verifier_environment_mode: z.enum(['shared', 'separate']),
    ending: z.enum(endings).nullable(),
    ending_detail: z.string().nullable(),
    blame: z.enum(blames).nullable(),
    totals: z.record(z.string(), z.number().nullable()),
    clock: clock.nullable(),
    phases_ms: z.record(z.string(), z.number()),
    reward_text: z.string().nullable(),
    warnings: z.array(z.string()),
  }),
  integrity: integritySchema.nullable(),
});
export type StepResult = z.infer<typeof stepResultSchema>;

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
  agent_result: agentResult,
  verifier_result: verifierResult,
  /** Null where every step has its own. Absent before 0.2. */
  verifier_environment_mode: z.enum(['shared', 'separate']).nullable().optional(),
  exception_info: exceptionInfo,
  started_at: z.string(),
  finished_at: z.string(),
  environment_setup: phase,
  agent_setup: phase,
  agent_execution: phase,
  verifier: phase,
  step_results: z.array(stepResultSchema).nullable(),

  tbench: z.object({
    record_version: z.literal(recordVersion),
    version: z.string(),
    /** The task by its folder's name, as tbench calls it; `task_name` is Harbor's name for it. Absent before 0.2. */
    task: z.string().optional(),
    /** 1-based; run i of a job is attempt i of every task. */
    attempt: z.number().int().positive(),
    ending: z.enum(endings).nullable(),
    ending_detail: z.string().nullable(),
    /** Null when nothing failed (a model that simply did not solve the task is blamed by the reward). */
    blame: z.enum(blames).nullable(),
    model_kind: z.enum(modelKinds),
    /** Earlier tries of this attempt that infrastructure broke; their evidence is kept under tries/. */
    tries: z.number().int().positive(),
    task_digest: z.string(),
    difficulty: z.string().nullable(),
    category: z.string().nullable(),
    totals: z.record(z.string(), z.number().nullable()),
    /** Present when another process went on with the trial in its sandbox. */
    resumed: z.array(resumptionSchema).optional(),
    clock: clock.nullable(),
    /** Wall time of each phase on the monotonic clock. */
    phases_ms: z.record(z.string(), z.number()),
    image: z
      .object({
        reference: z.string(),
        id: z.string(),
        digest: z.string().nullable(),
        base: z.string().nullish(),
      })
      .nullable(),
    limits: z.record(z.string(), z.unknown()).nullable(),
    vitals: z.record(z.string(), z.unknown()).nullable(),
    reward_text: z.string().nullable(),
    warnings: z.array(z.string()),
  }),
  integrity: integritySchema.nullable(),
});
export type TrialResult = z.infer<typeof trialResultSchema>;
