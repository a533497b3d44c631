import { ownOf } from '../../../base/json-value.js';
import path from 'node:path';
import { TaskError } from '../../../base/errors.js';
import type { ServiceMount } from '../../../record/service-spec.js';
import type { ComposeBuild, ComposeService, ComposeSource } from '../../compose.js';
import { readTaskText } from '../../task-files.js';
import type { ComposeFile, ServiceYaml } from './compose-schema.js';
import { parseComposeEnvFile } from './env-file.js';
import type { Variables } from './interpolate.js';
import { pathInTask } from './path-in-task.js';
import { shortBind } from './refuse-compose.js';
import { durationMs, sizeBytes, splitWords } from './units.js';

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
): Promise<ComposeService> {
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
    mounts: mountsOf(where, service),
    files: filesOf(context, where, service),
    networks: networksOf(service).map((one) => ({ ...one, aliases: [...one.aliases, ...alias] })),
    dependsOn: dependenciesOf(service),
    healthcheck: healthcheckOf(where, service.healthcheck ?? {}),
    extraHosts: Array.isArray(service.extra_hosts)
      ? service.extra_hosts.map((line) => line.replace('=', ':'))
      : Object.entries(service.extra_hosts ?? {}).map(([host, address]) => `${host}:${address}`),
    capAdd: service.cap_add ?? [],
    capDrop: service.cap_drop ?? [],
    securityOpt: (service.security_opt ?? []).map(() => 'no-new-privileges'),
    isReadOnly: service.read_only ?? false,
    shmBytes: service.shm_size === undefined ? null : size(`${where}.shm_size`, service.shm_size),
    ulimits: Object.entries(service.ulimits ?? {}).map(([limit, value]) =>
      typeof value === 'number' ? { name: limit, soft: value, hard: value } : { name: limit, ...value },
    ),
    sysctls: tableOf(service.sysctls ?? {}, context.variables),
    init: service.init ?? false,
    stopSignal: service.stop_signal ?? null,
    restart: service.restart === undefined || service.restart === 'no' ? null : service.restart,
    cpus: cpus === undefined ? null : Number(cpus),
    memoryBytes: memory === undefined ? null : size(`${where}.mem_limit`, memory),
    pids: service.pids_limit ?? limits?.pids ?? null,
  };
}

function wordsOf(words: ServiceYaml['command']): readonly string[] | null {
  if (words == null) return null;
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

function mountsOf(where: string, { volumes, tmpfs }: ServiceYaml): ServiceMount[] {
  const temporary = (tmpfs ?? []).map((line): ServiceMount => {
    const [target = '', options = ''] = line.split(':');
    const bytes = /(?:^|,)size=([^,]+)/.exec(options)?.[1];
    return { kind: 'tmpfs', target, sizeBytes: bytes === undefined ? null : size(`${where}.tmpfs`, bytes) };
  });
  const mounts = (volumes ?? []).flatMap((volume): ServiceMount[] => {
    if (typeof volume === 'string') {
      if (shortBind(volume) !== null) return [];
      const [first = '', target, mode = ''] = volume.split(':');
      const isReadOnly = mode.split(',').includes('ro');
      return [
        target === undefined
          ? { kind: 'volume', volume: null, target: first, isReadOnly: false }
          : { kind: 'volume', volume: first, target, isReadOnly },
      ];
    }
    const { type, source, target, read_only: isReadOnly = false } = volume;
    if (type === 'bind') return [];
    if (type === 'volume') return [{ kind: 'volume', volume: source ?? null, target, isReadOnly }];
    const bytes = volume.tmpfs?.size;
    return [
      { kind: 'tmpfs', target, sizeBytes: bytes === undefined ? null : size(`${where}.volumes`, bytes) },
    ];
  });
  return [...mounts, ...temporary];
}

function filesOf({ source, yaml }: Context, where: string, service: ServiceYaml): ComposeService['files'] {
  const below = (written: string): string => {
    const absolute = pathInTask(source, written);
    if (absolute === null) throw new TaskError(`${where}: ${written} lies outside the task`);
    return absolute;
  };
  const binds = (service.volumes ?? []).flatMap((volume) => {
    if (typeof volume !== 'string')
      return volume.type === 'bind' ? [{ source: below(volume.source ?? ''), target: volume.target }] : [];
    const from = shortBind(volume);
    return from === null ? [] : [{ source: below(from), target: volume.split(':')[1] ?? '' }];
  });
  const kinds = [
    ['secrets', '/run/secrets/'],
    ['configs', '/'],
  ] as const;
  const named = kinds.flatMap(([kind, folder]) =>
    (service[kind] ?? []).map((entry) => {
      const { source: name, target = name } = typeof entry === 'string' ? { source: entry } : entry;
      const file = yaml[kind]?.[name]?.file;
      if (file === undefined) throw new TaskError(`${where}.${kind}: there is no ${name}`);
      return { source: below(file), target: target.startsWith('/') ? target : folder + target };
    }),
  );
  return [...binds, ...named];
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

function healthcheckOf(
  where: string,
  check: NonNullable<ServiceYaml['healthcheck']>,
): ComposeService['healthcheck'] {
  const { test } = check;
  if (check.disable === true || (Array.isArray(test) && test[0] === 'NONE')) return null;
  const time = (
    key: 'interval' | 'timeout' | 'start_period' | 'start_interval',
    fallback: string,
  ): number => {
    const ms = durationMs(check[key] ?? fallback);
    if (ms === null) throw new TaskError(`${where}.healthcheck.${key}: "${check[key] ?? ''}" is no duration`);
    return ms;
  };
  const words = typeof test === 'string' ? ['CMD-SHELL', test] : test;
  const argv =
    words?.[0] === 'CMD-SHELL' ? ['/bin/sh', '-c', words.slice(1).join(' ')] : (words?.slice(1) ?? null);
  return {
    argv,
    intervalMs: time('interval', '30s'),
    timeoutMs: time('timeout', '30s'),
    startPeriodMs: time('start_period', '0s'),
    startIntervalMs: time('start_interval', '5s'),
    retries: check.retries ?? 3,
  };
}

function size(where: string, written: string): number {
  const bytes = sizeBytes(written);
  if (bytes === null) throw new TaskError(`${where}: "${written}" is no size`);
  return bytes;
}

/** The networks that a service is on. */
function networksOf({ networks, network_mode: mode }: ServiceYaml): ComposeService['networks'] {
  if (mode === 'none') return [];
  if (networks == null) return [{ name: defaultNetwork, aliases: [] }];
  if (Array.isArray(networks)) return networks.map((name) => ({ name, aliases: [] }));
  return Object.entries(networks).map(([name, options]) => ({ name, aliases: options?.aliases ?? [] }));
}
