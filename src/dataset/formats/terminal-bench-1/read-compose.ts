import { sizeBytes } from '../compose/units.js';
import { tableSchema } from '../../../base/table-schema.js';
import { z } from 'zod';
import { TaskError } from '../../../base/errors.js';
import { checkShape } from '../check-shape.js';
import { buildShape } from '../compose/compose-schema.js';
import { parseYaml } from '../parse-yaml.js';

/**
 * What a compose file means for a harness without compose: the one service as a Dockerfile or an image, or
 * the reasons why it cannot be run that way. `context` and `dockerfile` are as written, relative to the file.
 */
export interface ComposeReading {
  readonly image: string | null;
  readonly context: string | null;
  readonly dockerfile: string | null;
  readonly workdir: string | null;
  readonly user: string | null;
  readonly network: 'public' | 'none';
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly env: Readonly<Record<string, string>>;
  /** What the file asks for that one plain sandbox does not have. */
  readonly unsupported: readonly string[];
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const limits = z.object({
  cpus: z.union([z.string(), z.number()]).optional(),
  memory: z.string().optional(),
});
const service = z.looseObject({
  image: z.string().optional(),
  build: buildShape.optional(),
  command: z.union([z.string(), z.array(z.string())]).nullish(),
  environment: z.union([z.array(z.string()), tableSchema(scalar)]).nullish(),
  volumes: z.array(z.unknown()).nullish(),
  working_dir: z.string().optional(),
  user: z.union([z.string(), z.number()]).optional(),
  cpus: z.union([z.string(), z.number()]).optional(),
  mem_limit: z.union([z.string(), z.number()]).optional(),
  network_mode: z.string().optional(),
  deploy: z.looseObject({ resources: z.looseObject({ limits: limits.optional() }).optional() }).optional(),
});
const composeSchema = z.looseObject({ services: tableSchema(service) });

type Service = z.infer<typeof service>;

/** Harbor's own name for the folder of the compose file. */
export const contextVariable = /\$\{CONTEXT_DIR(:-[^}]*)?\}/;

/** Service keys that are read above, or make no difference to a single sandbox. */
const harmlessKeys = new Set([
  ...Object.keys(service.shape),
  ...['container_name', 'stdin_open', 'tty', 'restart', 'init', 'hostname', 'ports', 'expose', 'labels'],
  ...['platform', 'pull_policy', 'networks', 'stop_grace_period', 'stop_signal', 'logging', 'cpu_count'],
]);

/** Reads a compose file; more than one service, or one that needs what a plain sandbox lacks, is refused. */
export function readCompose(file: string, text: string): ComposeReading {
  const { services } = checkShape(file, composeSchema, parseYaml(file, text));
  const names = Object.keys(services);
  const only = Object.values(services)[0];
  if (only === undefined) throw new TaskError(`${file}: services: no service is declared`);
  if (names.length > 1)
    return { ...readService(only), unsupported: [`needs ${names.length} services (${names.join(', ')})`] };
  return readService(only);
}

function readService(only: Service): ComposeReading {
  const build = typeof only.build === 'string' ? { context: only.build } : only.build;
  const resources = only.deploy?.resources?.limits;
  const image = only.image === undefined || only.image.includes('${') ? null : only.image;
  const memory = only.mem_limit ?? resources?.memory;
  return {
    image: build === undefined ? image : null,
    context: build === undefined ? null : (build.context ?? '.'),
    dockerfile: build?.dockerfile ?? null,
    workdir: only.working_dir ?? null,
    user: only.user === undefined ? null : String(only.user),
    network: only.network_mode === 'none' ? 'none' : 'public',
    cpus: literalNumber(only.cpus ?? resources?.cpus),
    memoryBytes: memory === undefined ? null : sizeBytes(memory),
    env: ownEnvironment(only.environment ?? {}),
    unsupported: unsupportedParts(only),
  };
}

function unsupportedParts(only: Service): string[] {
  const needed = Object.keys(only).filter((key) => !harmlessKeys.has(key) && !key.startsWith('x-'));
  const parts = needed.map((key) => `its compose file uses ${key}`);
  const volumes = (only.volumes ?? []).filter((volume) => !JSON.stringify(volume).includes('LOGS_PATH'));
  if (volumes.length > 0) parts.push('its compose file mounts volumes');
  if (typeof only.build === 'object' && (only.build.args ?? only.build.target) !== undefined)
    parts.push('its compose file passes build arguments or a build target');
  const build = typeof only.build === 'string' ? only.build : (only.build?.context ?? '');
  if (build.replace(contextVariable, '').includes('$'))
    parts.push(`its compose file builds from ${build}, which only its own harness knows`);
  if (!isIdle(only.command)) parts.push('its compose file starts a command of its own');
  if (only.network_mode === 'host')
    parts.push(
      "its compose file asks for the host's own network (network_mode: host), which no sandbox gets",
    );
  else if (only.network_mode !== undefined && !/^(none|bridge|\$\{.*\})$/.test(only.network_mode))
    parts.push(`its compose file sets network_mode ${only.network_mode}`);
  return parts;
}

/** A command that only keeps the container alive; the sandbox has its own way of doing that. */
function isIdle(command: Service['command']): boolean {
  const words = (Array.isArray(command) ? command.join(' ') : (command ?? '')).trim();
  return /^(|((\/bin\/)?(ba)?sh( -l?c)? ?)?["']?(exec )?(sleep (infinity|\d+[a-z]?)|tail -f \/dev\/null)?["']?)$/.test(
    words,
  );
}

/** Variables with a value of their own; those taken from the host or the harness (`${T_BENCH_...}`) are dropped. */
function ownEnvironment(environment: NonNullable<Service['environment']>): Record<string, string> {
  const entries = Array.isArray(environment)
    ? environment.filter((line) => line.includes('=')).map((line) => splitOnce(line))
    : Object.entries(environment).flatMap(([key, value]) =>
        value === null ? [] : [[key, String(value)] as const],
      );
  return Object.fromEntries(entries.filter(([, value]) => !value.includes('${')));
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1)];
}

function literalNumber(value: string | number | undefined): number | null {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) && number > 0 ? number : null;
}
