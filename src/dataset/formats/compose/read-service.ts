import { ownOf } from '../../../base/json-value.js';
import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { ComposeBuild, ComposeService, ComposeSource } from '../../compose.js';
import { readTaskText } from '../../task-files.js';
import type { ComposeFile, ServiceYaml } from './compose-schema.js';
import { parseComposeEnvFile } from './env-file.js';
import type { Variables } from './interpolate.js';
import { pathInTask } from './path-in-task.js';
import type { UnplacedService } from './place-binds.js';
import { readDuration, readHealthcheck } from './read-healthcheck.js';
import { readDns } from './read-dns.js';
import { readBinds, readMounts, readSecrets } from './read-mounts.js';
import { readSize, splitWords } from './units.js';

/** The network of services that name none. */
export const defaultNetwork = 'default';

interface Context {
  readonly source: ComposeSource;
  readonly yaml: ComposeFile;
  readonly variables: Variables;
}

/** One service of a compose file that nothing speaks against. */
export async function readService(
  context: Context,
  { name, service }: { readonly name: string; readonly service: ServiceYaml },
): Promise<UnplacedService> {
  const where = `${context.source.file}: services.${name}`;
  const limits = service.deploy?.resources?.limits;
  const memory = service.mem_limit ?? limits?.memory;
  const cpus = service.cpus ?? limits?.cpus;
  const alias = service.container_name === undefined ? [] : [service.container_name];
  return {
    name,
    image: service.image ?? null,
    build:
      service.build === undefined ? null : buildOf(context.source, where, service.build, context.variables),
    entrypoint: wordsOf(service.entrypoint),
    command: wordsOf(service.command),
    env: {
      ...(await envFiles(context, where, service)),
      ...tableOf(service.environment ?? {}, context.variables),
    },
    workdir: service.working_dir ?? null,
    user: service.user ?? null,
    hostname: service.hostname ?? null,
    mounts: readMounts(where, service),
    ...(await readDns(service, await readBinds(context.source, where, service))),
    files: await readSecrets(context, where, service),
    networks: networksOf(service).map((one) => ({ ...one, aliases: [...one.aliases, ...alias] })),
    dependsOn: dependenciesOf(service),
    healthcheck: readHealthcheck(where, service),
    extraHosts: Array.isArray(service.extra_hosts)
      ? service.extra_hosts.map((line) => line.replace('=', ':'))
      : Object.entries(service.extra_hosts ?? {}).map(([host, address]) => `${host}:${address}`),
    capAdd: service.cap_add ?? [],
    capDrop: service.cap_drop ?? [],
    securityOpt: (service.security_opt ?? []).flatMap(securityOption),
    isReadOnly: service.read_only ?? false,
    shmBytes: service.shm_size === undefined ? null : readSize(`${where}.shm_size`, service.shm_size),
    ulimits: Object.entries(service.ulimits ?? {}).map(([limit, value]) =>
      typeof value === 'number'
        ? { name: limit, soft: value, hard: value }
        : { name: limit, soft: value.soft, hard: value.hard },
    ),
    sysctls: tableOf(service.sysctls ?? {}, context.variables),
    init: service.init ?? false,
    stopSignal: service.stop_signal ?? null,
    stopGraceMs: readDuration(`${where}.stop_grace_period`, service.stop_grace_period),
    stdinOpen: service.stdin_open ?? false,
    tty: service.tty ?? false,
    restart: restartOf(service),
    cpus: cpus === undefined ? null : Number(cpus),
    memoryBytes: memory === undefined ? null : readSize(`${where}.mem_limit`, memory),
    pids: service.pids_limit ?? limits?.pids ?? null,
  };
}

/** In the words of every engine: `name=value`, and `no-new-privileges` alone. */
function securityOption(written: string): string[] {
  const [, name = written, value = 'true'] = /^([\w-]+)[:=](.*)$/.exec(written) ?? [];
  if (name !== 'no-new-privileges') return [`${name}=${value}`];
  return value === 'false' ? [] : [name];
}

function restartOf({ restart, deploy }: ServiceYaml): string | null {
  const policy = deploy?.restart_policy;
  if (restart !== undefined || policy === undefined) return restart === 'no' ? null : (restart ?? null);
  const { condition = 'any', max_attempts: most } = policy;
  if (condition === 'on-failure') return most === undefined ? condition : `${condition}:${most}`;
  return condition === 'any' ? 'always' : null;
}

function wordsOf(words: ServiceYaml['command']): readonly string[] | null {
  if (words === undefined) return null;
  return typeof words === 'string' ? splitWords(words) : words;
}

function buildOf(
  source: ComposeSource,
  where: string,
  build: NonNullable<ServiceYaml['build']>,
  variables: Variables,
): ComposeBuild {
  const table = typeof build === 'string' ? { context: build } : build;
  const written = table.context ?? '.';
  const context = pathInTask(source, written);
  if (context === null)
    throw new TaskError(`${where}.build: its context ${written} leaves the task's folder`);
  return {
    context,
    dockerfile: ('dockerfile' in table ? table.dockerfile : undefined) ?? 'Dockerfile',
    target: ('target' in table ? table.target : undefined) ?? null,
    args: 'args' in table ? tableOf(table.args ?? {}, variables) : {},
  };
}

/** A key without a value has the variable's of that name, or is left out. */
function tableOf(
  pairs: readonly string[] | Readonly<Record<string, string | null>>,
  variables: Variables,
): Record<string, string> {
  const entries: readonly (readonly [string, string | null])[] = Array.isArray(pairs)
    ? pairs.map((line: string) => {
        const at = line.indexOf('=');
        return at < 0 ? [line, null] : [line.slice(0, at), line.slice(at + 1)];
      })
    : Object.entries(pairs as Readonly<Record<string, string | null>>);
  return Object.fromEntries(
    entries.flatMap(([key, value]) => {
      const found = value ?? ownOf(variables, key);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

async function envFiles(
  { source, variables }: Context,
  where: string,
  { env_file: files }: ServiceYaml,
): Promise<Record<string, string>> {
  const tables: Record<string, string>[] = [];
  for (const entry of files ?? []) {
    const { path: written, required } = typeof entry === 'string' ? { path: entry, required: true } : entry;
    const absolute = pathInTask(source, written);
    if (absolute === null) throw new TaskError(`${where}.env_file: ${written} lies outside the task`);
    const text = await readTaskText(source.taskDir, path.relative(source.taskDir, absolute));
    if (text === null && required) throw new TaskError(`${where}.env_file: there is no ${written}`);
    tables.push(parseComposeEnvFile(text ?? '', variables));
  }
  return Object.fromEntries(tables.flatMap((table) => Object.entries(table)));
}

function dependenciesOf({ depends_on: dependencies }: ServiceYaml): ComposeService['dependsOn'] {
  if (Array.isArray(dependencies))
    return dependencies.map((service) => ({ service, condition: 'started', isRequired: true }));
  const conditions = {
    service_started: 'started',
    service_healthy: 'healthy',
    service_completed_successfully: 'completed',
  } as const;
  return Object.entries(dependencies ?? {}).map(([service, { condition, required }]) => ({
    service,
    condition: conditions[condition],
    isRequired: required,
  }));
}

/** The networks that a service is on. */
function networksOf({ networks, network_mode: mode }: ServiceYaml): ComposeService['networks'] {
  if (mode === 'none') return [];
  if (networks == null) return [{ name: defaultNetwork, aliases: [], address: null }];
  if (Array.isArray(networks)) return networks.map((name) => ({ name, aliases: [], address: null }));
  return Object.entries(networks).map(([name, options]) => ({
    name,
    aliases: options?.aliases ?? [],
    address: options?.ipv4_address ?? null,
  }));
}
