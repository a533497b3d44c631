import { tableSchema } from '../../../base/table-schema.js';
import { z } from 'zod';

/**
 * `task.toml` as the Harbor format declares it, schema 1.0 to 1.4, old spellings included. Seconds and
 * mebibytes stay as written here; the readers beside this file convert them.
 */
const seconds = z.number().positive();
const secondsOrZero = z.number().nonnegative();
const stringMap = tableSchema(z.string('a string is needed here; quote the value'));
const user = z.union([z.string().min(1), z.int().nonnegative()]);
const mebibytes = z.number().positive();

/** "2G", "512M", "2048K". */
const oldSize = z.string().regex(/^\s*\d+(\.\d+)?\s*[KMG]\s*$/i, 'a size looks like "2G", "512M" or "2048K"');

const networkKeys = {
  network_mode: z.enum(['public', 'no-network', 'allowlist']).optional(),
  allowed_hosts: z.array(z.string().min(1)).optional(),
};

const healthcheck = z.object({
  command: z.string().min(1),
  interval_sec: seconds.default(5),
  timeout_sec: seconds.default(30),
  start_period_sec: secondsOrZero.default(0),
  start_interval_sec: seconds.default(5),
  retries: z.int().positive().default(3),
});

const mcpServer = z.object({
  name: z.string().min(1),
  transport: z.enum(['stdio', 'sse', 'streamable-http', 'http']).default('sse'),
  url: z.string().optional(),
  command: z.string().optional(),
  args: z.array(z.string()).default([]),
});

export const environmentSchema = z.object({
  docker_image: z.string().min(1).optional(),
  image: z.string().min(1).optional(),
  build_timeout_sec: seconds.default(600),
  cpus: z.number().positive().optional(),
  memory_mb: mebibytes.optional(),
  storage_mb: mebibytes.optional(),
  memory: oldSize.optional(),
  storage: oldSize.optional(),
  gpus: z.int().nonnegative().optional(),
  gpu_types: z.array(z.string()).optional(),
  tpu: z.object({ type: z.string(), topology: z.string() }).optional(),
  os: z
    .string()
    .transform((name) => name.toLowerCase())
    .pipe(z.enum(['linux', 'windows']))
    .default('linux'),
  env: stringMap.default({}),
  workdir: z.string().min(1).optional(),
  healthcheck: healthcheck.optional(),
  mcp_servers: z.array(mcpServer).default([]),
  skills_dir: z.string().min(1).optional(),
  allow_internet: z.boolean().optional(),
  ...networkKeys,
});

const agent = z.object({ timeout_sec: seconds.optional(), user: user.optional(), ...networkKeys });

const collectHook = z.object({
  command: z.string().min(1),
  service: z.string().min(1).default('main'),
  timeout_sec: seconds.default(60),
  user: user.optional(),
});

const verifier = z.object({
  timeout_sec: seconds.default(600),
  env: stringMap.default({}),
  user: user.optional(),
  environment_mode: z.enum(['shared', 'separate']).optional(),
  environment: environmentSchema.optional(),
  collect: z.array(collectHook).default([]),
  ...networkKeys,
});

/** A place inside the artifacts folder on the host, whose manifest.json is the harness's own. */
function isInside(destination: string): boolean {
  return !/^[/\\~]|(^|[/\\])\.\.([/\\]|$)/.test(destination) && destination !== 'manifest.json';
}

const artifact = z.union([
  z.string().min(1),
  z.object({
    source: z.string().min(1),
    destination: z.string().refine(isInside, 'a relative path without ".." is needed here').optional(),
    service: z.string().optional(),
    // Every pattern is held against every file.
    exclude: z.array(z.string().max(1024)).max(1000).default([]),
  }),
]);

const step = z.object({
  name: z.string().regex(/^(?!\.{1,2}$)[^/\\]+$/, 'a step is named like its folder in steps/'),
  agent: agent.optional(),
  verifier: verifier.optional(),
  min_reward: z.union([z.number(), tableSchema(z.number())]).optional(),
  healthcheck: healthcheck.optional(),
  artifacts: z.array(artifact).default([]),
});

/** Each half: letters, digits, `-`, `_`, `.`; no leading dot, no `..`. */
const half = String.raw`(?!\.)(?!.*\.\.)[A-Za-z0-9._-]+`;
const packageName = z
  .string()
  .regex(new RegExp(`^${half.replace('.*', '[^/]*')}/${half}$`), 'a name is written "org/name"');

const version = z.union([z.string(), z.number()]);

export const taskSchema = z.object({
  schema_version: version.optional(),
  version: version.optional(),
  source: z.string().optional(),
  artifacts: z.array(artifact).default([]),
  metadata: tableSchema(z.unknown()).default({}),
  multi_step_reward_strategy: z.enum(['mean', 'final']).default('mean'),
  multi_step_reward_mode: z.unknown().optional(),
  steps: z.array(step).default([]),
  task: z
    .object({
      name: packageName.optional(),
      description: z.string().default(''),
      version: z.string().optional(),
      authors: z.array(z.object({ name: z.string(), email: z.string().optional() })).default([]),
      keywords: z.array(z.string()).default([]),
    })
    .optional(),
  environment: environmentSchema.prefault({}),
  agent: agent.prefault({}),
  verifier: verifier.prefault({}),
  solution: z.object({ env: stringMap.default({}) }).prefault({}),
});

export type TaskToml = z.infer<typeof taskSchema>;
export type EnvironmentToml = z.infer<typeof environmentSchema>;
export type NetworkToml = Pick<EnvironmentToml, 'network_mode' | 'allowed_hosts'>;
export type ArtifactToml = TaskToml['artifacts'][number];
