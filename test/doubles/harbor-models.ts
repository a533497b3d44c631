import { z } from 'zod';

/**
 * The rules that the models of Harbor 0.26.0 hold a job folder to (harbor/models), as far as tbench's files touch
 * them: which keys there are, and what must not stand side by side. Keys that Harbor ignores are ours: `ours`.
 * `npm run test:harbor` asks the package itself.
 */
const number = z.number().nullable();
const text = z.string().nullable();
const texts = z.array(z.string());
const time = z.iso.datetime({ offset: true });
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const table = z.record(z.string(), z.unknown());
const ours = { tbench: table.optional(), integrity: table.nullable().optional() };

const oneSource = (source: { path?: unknown; name?: unknown; ref?: unknown; version?: unknown }): boolean =>
  typeof source.path === 'string'
    ? source.name == null && source.ref == null
    : typeof source.name === 'string';

const task = z
  .strictObject({
    path: text,
    git_url: text,
    git_commit_id: text,
    name: text,
    ref: text,
    overwrite: z.boolean(),
    download_dir: text,
    source: text,
  })
  .refine(oneSource, "'path' or 'name', and 'ref' only beside 'name'")
  .refine((one) => one.git_commit_id === null || one.git_url !== null, "'git_commit_id' requires 'git_url'");

const dataset = z
  .strictObject({
    path: text.optional(),
    name: text.optional(),
    version: text.optional(),
    ref: text.optional(),
  })
  .refine(oneSource, "'path' or 'name', not both")
  .refine((one) => one.version == null || one.ref == null, "'version' or 'ref'");

const agent = z.strictObject({
  name: z.string(),
  import_path: text,
  model_name: text,
  base_url: text,
  model_api_key_name: text,
  model_api_format: text,
  skip_model_parsing: z.boolean(),
  n_concurrent: number,
  concurrency_group: text,
  skills: texts,
  override_timeout_sec: number,
  override_setup_timeout_sec: number,
  max_timeout_sec: number,
  resume_trajectory: z.boolean(),
  load_trajectory: text,
  extra_allowed_hosts: texts,
  kwargs: table,
  mcp_servers: z.array(table),
});

const environment = z.strictObject({
  type: z.enum(['docker', 'podman']),
  import_path: text,
  force_build: z.boolean(),
  delete: z.boolean(),
  stream: z.boolean(),
  cpu_enforcement_policy: z.enum(['auto', 'limit', 'request', 'guarantee', 'ignore']),
  memory_enforcement_policy: z.enum(['auto', 'limit', 'request', 'guarantee', 'ignore']),
  override_cpus: number,
  override_memory_mb: number,
  override_storage_mb: number,
  override_gpus: number,
  override_tpu: table.nullable(),
  mounts: z.array(table).nullable(),
  extra_docker_compose: texts,
  kwargs: table,
  extra_allowed_hosts: texts,
});

const verifier = z.strictObject({
  override_timeout_sec: number,
  max_timeout_sec: number,
  disable: z.boolean(),
});

const inputs = {
  install_only: z.boolean(),
  timeout_multiplier: z.number(),
  agent_timeout_multiplier: number,
  verifier_timeout_multiplier: number,
  agent_setup_timeout_multiplier: number,
  environment_build_timeout_multiplier: number,
  user_agent: z.null(),
  environment,
  verifier,
  override_error_policy: table,
  artifacts: z.array(z.unknown()),
  extra_instruction_paths: texts,
  extra_instructions: texts,
};

const harborJobConfig = z.strictObject({
  ...inputs,
  job_name: z.string(),
  jobs_dir: z.string(),
  n_attempts: z.int().min(1),
  debug: z.boolean(),
  n_concurrent_trials: z.int().min(1),
  quiet: z.boolean(),
  retry: z.strictObject({ max_retries: z.int().min(0) }),
  metrics: z.array(table),
  agents: z.array(agent).min(1),
  datasets: z.array(dataset),
  tasks: z.array(task),
  ...ours,
});

const harborTrialConfig = z.strictObject({
  ...inputs,
  schema_version: z.literal(1),
  task,
  trial_name: z.string(),
  trials_dir: z.string(),
  agent,
  job_id: z.uuid().nullable(),
  source_trial: z.null(),
});

const timing = z.strictObject({ started_at: time, finished_at: time }).nullable();
const mode = z.enum(['shared', 'separate']);

const harborTrialResult = z.strictObject({
  id: z.uuid(),
  task_name: z.string(),
  trial_name: z.string(),
  trial_uri: z.string(),
  task_id: z.union([
    z.strictObject({ path: z.string() }),
    z.strictObject({ git_url: z.string(), git_commit_id: text, path: z.string().regex(/^[^/]/) }),
  ]),
  source: text,
  task_checksum: z.string(),
  config: harborTrialConfig,
  agent_info: z.strictObject({
    name: z.string(),
    version: z.string(),
    model_info: z.strictObject({ name: z.string(), provider: text }).nullable(),
  }),
  agent_result: z
    .strictObject({
      n_input_tokens: number,
      n_cache_tokens: number,
      n_output_tokens: number,
      cost_usd: number,
      rollout_details: z.null(),
      metadata: table.nullable(),
    })
    .nullable(),
  verifier_result: z.strictObject({ rewards: z.record(z.string(), z.number()) }).nullable(),
  verifier_environment_mode: mode.nullable(),
  exception_info: z
    .strictObject({
      exception_type: z.string(),
      exception_message: z.string(),
      exception_traceback: z.string(),
      occurred_at: time,
    })
    .nullable(),
  started_at: time,
  finished_at: time,
  environment_setup: timing,
  agent_setup: timing,
  agent_execution: timing,
  verifier: timing,
  step_results: z.array(table).nullable(),
  ...ours,
});

/** What is null is left out of a lock, to its second level. */
const withoutNulls = <Shape extends z.ZodRawShape>(object: z.ZodObject<Shape>) =>
  object.partial().refine((lock) => Object.values(lock).every((value) => value !== null), 'holds a null');

const harborTrialLock = z.strictObject({
  schema_version: z.literal(2),
  task: z.strictObject({
    name: z.string().min(1),
    version: z.string().optional(),
    type: z.enum(['local', 'git', 'package']),
    digest,
    source: z.string().optional(),
    path: z.string().optional(),
    git_url: z.string().optional(),
    git_commit_id: z.string().optional(),
  }),
  install_only: z.literal(false),
  timeout_multiplier: z.number(),
  agent: withoutNulls(agent),
  bridge_inputs: table,
  skills: z.array(z.unknown()),
  environment: withoutNulls(environment),
  verifier: withoutNulls(verifier.extend({ environment_mode: mode })),
  artifacts: z.array(z.unknown()),
  override_error_policy: table,
});

const harborJobLock = z.strictObject({
  schema_version: z.literal(3),
  created_at: time,
  harbor: z.strictObject({}),
  n_concurrent_trials: z.int().min(1),
  retry: z.strictObject({ max_retries: z.int().min(0) }),
  trials: z.array(harborTrialLock),
});

const harborJobResult = z.looseObject({
  id: z.uuid(),
  started_at: time,
  updated_at: time.nullable(),
  finished_at: time.nullable(),
  n_total_trials: z.int(),
  stats: table,
});

/** By file, for a job and for a trial of it. */
export const harborModels = {
  job: { 'config.json': harborJobConfig, 'result.json': harborJobResult, 'lock.json': harborJobLock },
  trial: { 'config.json': harborTrialConfig, 'result.json': harborTrialResult, 'lock.json': harborTrialLock },
};
