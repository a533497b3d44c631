import { z } from 'zod';

/** A key that has no effect here; it is named in the harness's notes. */
const ignored = z.unknown().optional();
const count = z.number().nonnegative();

/**
 * mini-swe-agent's YAML files (2.4), every key of their agent, model, environment and run sections. Their own
 * reader drops unknown keys silently; this one refuses them, so that a misspelt limit cannot go unnoticed.
 */
export const miniSweAgentSchema = z.strictObject({
  agent: z
    .strictObject({
      system_template: z.string().optional(),
      instance_template: z.string().optional(),
      step_limit: count.default(0),
      cost_limit: count.default(3),
      wall_time_limit_seconds: count.default(0),
      max_consecutive_format_errors: count.default(3),
      agent_class: ignored,
      output_path: ignored,
      mode: ignored,
      whitelist_actions: ignored,
      confirm_exit: ignored,
    })
    .prefault({}),
  model: z
    .strictObject({
      model_class: z.string().optional(),
      model_kwargs: z.record(z.string(), z.unknown()).default({}),
      format_error_template: z.string().default('{{ error }}'),
      observation_template: z.string().optional(),
      action_regex: z.string().optional(),
      model_name: ignored,
      litellm_model_registry: ignored,
      litellm_model_name_override: ignored,
      set_cache_control: ignored,
      cost_tracking: ignored,
      multimodal_regex: ignored,
      provider: ignored,
    })
    .prefault({}),
  environment: z
    .strictObject({
      timeout: z.number().positive().default(30),
      env: z.record(z.string(), z.coerce.string()).default({}),
      cwd: ignored,
      environment_class: ignored,
      image: ignored,
      interpreter: ignored,
      forward_env: ignored,
      executable: ignored,
      run_args: ignored,
      container_timeout: ignored,
      pull_timeout: ignored,
      sandbox_build_retries: ignored,
      global_args: ignored,
      exec_args: ignored,
      wrapper_args: ignored,
      startup_timeout: ignored,
      runtime_timeout: ignored,
      deployment_timeout: ignored,
      install_pipx: ignored,
      modal_sandbox_kwargs: ignored,
    })
    .prefault({}),
  run: z.strictObject({ task: ignored, env_startup_command: ignored }).prefault({}),
});
export type MiniSweAgentFile = z.infer<typeof miniSweAgentSchema>;

/** Keys of a file that have no effect under tbench, as `section.key`. */
export function inertKeys(value: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(miniSweAgentSchema.shape).flatMap(([section, schema]) => {
    const given = value[section];
    if (typeof given !== 'object' || given === null) return [];
    const inert = ignoredKeys(schema);
    return Object.keys(given)
      .filter((key) => inert.has(key))
      .map((key) => `${section}.${key}`);
  });
}

function ignoredKeys(section: z.ZodPrefault<z.ZodObject>): ReadonlySet<string> {
  const shape: Record<string, unknown> = section.unwrap().shape;
  return new Set(Object.keys(shape).filter((key) => shape[key] === ignored));
}
