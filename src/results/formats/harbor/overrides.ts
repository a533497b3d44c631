import type { HarborJobConfig, HarborTrialConfig } from './harbor-schema.js';

/** The multiplier that applies to timeouts, 1 when the record has none. */
export function timeoutMultiplier(config: HarborTrialConfig | HarborJobConfig | null | undefined): number {
  return config?.timeout_multiplier ?? 1;
}

/**
 * What a configuration changes of the tasks' own limits, as `key = value`. Empty for default limits.
 * Source of the list: the public leaderboard's static rules.
 */
export function listOverrides(config: HarborTrialConfig | HarborJobConfig | null | undefined): string[] {
  if (config === null || config === undefined) return [];
  const agents = 'agents' in config ? (config.agents ?? []) : 'agent' in config ? [config.agent] : [];
  const entries: [string, number | boolean | null | undefined][] = [
    ['agent_timeout_multiplier', config.agent_timeout_multiplier],
    ['verifier_timeout_multiplier', config.verifier_timeout_multiplier],
    ['agent_setup_timeout_multiplier', config.agent_setup_timeout_multiplier],
    ['environment_build_timeout_multiplier', config.environment_build_timeout_multiplier],
    ...agents.flatMap((agent): [string, number | null | undefined][] => [
      ['agent.override_timeout_sec', agent?.override_timeout_sec],
      ['agent.override_setup_timeout_sec', agent?.override_setup_timeout_sec],
      ['agent.max_timeout_sec', agent?.max_timeout_sec],
    ]),
    ['verifier.override_timeout_sec', config.verifier?.override_timeout_sec],
    ['verifier.max_timeout_sec', config.verifier?.max_timeout_sec],
    ['verifier.disable', config.verifier?.disable === true ? true : null],
    ['environment.override_cpus', config.environment?.override_cpus],
    ['environment.override_memory_mb', config.environment?.override_memory_mb],
    ['environment.override_storage_mb', config.environment?.override_storage_mb],
    ['environment.override_gpus', config.environment?.override_gpus],
  ];
  const found = entries.flatMap(([key, value]) => {
    const isDefault = value === null || value === undefined || (key.endsWith('_multiplier') && value === 1);
    return isDefault ? [] : [`${key} = ${String(value)}`];
  });
  return [...new Set(found)];
}
