/**
 * The parts that a job's and a trial's config.json have in common, as Harbor 0.26 writes them: its defaults spelled
 * out, so that its readers find what they look for and its locks compare equal where the inputs are.
 */

/** Who acts, and with which model. */
export function agentConfig({ name, model }: { readonly name: string; readonly model: string | null }) {
  return {
    name,
    import_path: null,
    model_name: model,
    base_url: null,
    model_api_key_name: null,
    model_api_format: null,
    skip_model_parsing: false,
    n_concurrent: null,
    concurrency_group: null,
    skills: [],
    override_timeout_sec: null,
    override_setup_timeout_sec: null,
    max_timeout_sec: null,
    resume_trajectory: false,
    load_trajectory: null,
    extra_allowed_hosts: [],
    kwargs: {},
    mcp_servers: [],
  };
}

/** Where it acts. */
export function environmentConfig({
  forceBuild,
  keepSandboxes,
}: {
  readonly forceBuild: boolean;
  readonly keepSandboxes: boolean;
}) {
  return {
    type: 'podman',
    import_path: null,
    force_build: forceBuild,
    delete: !keepSandboxes,
    stream: false,
    cpu_enforcement_policy: 'auto',
    memory_enforcement_policy: 'auto',
    override_cpus: null,
    override_memory_mb: null,
    override_storage_mb: null,
    override_gpus: null,
    override_tpu: null,
    mounts: null,
    extra_docker_compose: [],
    kwargs: {},
    extra_allowed_hosts: [],
  };
}

/** How it is verified. */
export const verifierConfig = { override_timeout_sec: null, max_timeout_sec: null, disable: false };

/** One multiplier for every timeout; none for a single phase. */
export function timeoutMultipliers(multiplier: number) {
  return {
    timeout_multiplier: multiplier,
    agent_timeout_multiplier: null,
    verifier_timeout_multiplier: null,
    agent_setup_timeout_multiplier: null,
    environment_build_timeout_multiplier: null,
  };
}

/** What a job of tbench never adds to its tasks. */
export const additions = {
  install_only: false,
  override_error_policy: {},
  artifacts: [],
  extra_instruction_paths: [],
  extra_instructions: [],
  user_agent: null,
};
