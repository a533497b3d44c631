import { basename } from 'node:path';
import { z } from 'zod';
import { agentConfig, environmentConfig, timeoutMultipliers, verifierConfig } from './config.js';

const table = z.record(z.string(), z.unknown());
const text = z.string().nullish();

/** What a lock takes from a trial's config.json, of any age. */
const lockedConfig = z.object({
  task: z.looseObject({ path: text, name: text, git_url: text, git_commit_id: text, source: text }),
  timeout_multiplier: z.number().nullish(),
  agent: table.nullish(),
  environment: table.nullish(),
  verifier: table.nullish(),
  artifacts: z.array(z.unknown()).nullish(),
});

/** What the configuration does not say. */
export interface TrialPins {
  /** Package digest of the task, `sha256:...`. */
  readonly digest: string;
  /** `[task].version` of its task.toml. */
  readonly version: string | null;
  /** Null where every step has its own. */
  readonly verifierMode: 'shared' | 'separate' | null;
}

/** A trial's inputs, resolved: `lock.json` of a trial as Harbor writes it (schema 2). */
export type TrialLock = Readonly<Record<string, unknown>>;

/**
 * The lock of a trial with this config.json. What Harbor's upload, regrade and `--diff` compare runs by. Throws
 * for a configuration that is none.
 */
export function trialLock(config: unknown, { digest, version, verifierMode }: TrialPins): TrialLock {
  const { task, ...found } = lockedConfig.parse(config);
  const isGit = typeof task.git_url === 'string';
  return withoutNulls({
    schema_version: 2,
    task: {
      name: typeof task.path === 'string' ? basename(task.path) : (task.name ?? ''),
      version,
      type: isGit ? 'git' : typeof task.path === 'string' ? 'local' : 'package',
      digest,
      source: task.source,
      path: task.path,
      git_url: task.git_url,
      git_commit_id: task.git_commit_id,
    },
    install_only: false,
    ...timeoutMultipliers(found.timeout_multiplier ?? 1),
    agent: filled(agentConfig({ name: 'unknown', model: null }), found.agent),
    bridge_inputs: {},
    skills: [],
    environment: filled(environmentConfig({ forceBuild: false, keepSandboxes: false }), found.environment),
    verifier: { ...filled(verifierConfig, found.verifier), environment_mode: verifierMode },
    artifacts: found.artifacts ?? [],
    override_error_policy: {},
  });
}

/** `lock.json` of a job as Harbor writes it (schema 3). `harbor` says which Harbor ran it: none did. */
export function jobLock(facts: {
  readonly createdAt: string;
  readonly concurrency: number;
  readonly retries: number;
  readonly trials: readonly TrialLock[];
}) {
  return {
    schema_version: 3,
    created_at: facts.createdAt,
    harbor: {},
    n_concurrent_trials: facts.concurrency,
    retry: { max_retries: facts.retries },
    trials: facts.trials,
  };
}

export const trialLockSchema = z.looseObject({ schema_version: z.literal(2), task: table });
export const jobLockSchema = z.looseObject({
  schema_version: z.literal(3),
  created_at: z.string(),
  trials: z.array(table),
});

/** The keys of today; those that only 0.1.0 wrote are left behind. */
function filled(
  defaults: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(defaults).map(([key, value]) => [key, found?.[key] ?? value]));
}

/** At the first two levels, where Harbor leaves them out. */
function withoutNulls(lock: Record<string, unknown>): TrialLock {
  const known = (value: unknown): boolean => value !== null && value !== undefined;
  return Object.fromEntries(
    Object.entries(lock)
      .filter(([, value]) => known(value))
      .map(([key, value]) => [
        key,
        typeof value === 'object' && !Array.isArray(value)
          ? Object.fromEntries(Object.entries(value as object).filter(([, inner]) => known(inner)))
          : value,
      ]),
  );
}
