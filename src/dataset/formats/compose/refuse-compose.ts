import { isIP } from 'node:net';
import { arch } from 'node:os';
import { capabilityName } from '../../../record/service-spec.js';
import type { ComposeSource } from '../../compose.js';
import { innerKeys, serviceShape, type ComposeFile, type ServiceYaml } from './compose-schema.js';
import { rangeRefusals } from './network-range.js';
import { pathInTask } from './path-in-task.js';

const topKeys = new Set(['version', 'name', 'services', 'volumes', 'networks', 'secrets', 'configs']);
const optionKeys = {
  volumes: new Set(['external', 'name', 'labels', 'driver']),
  networks: new Set(['external', 'name', 'labels', 'driver', 'internal', 'attachable', 'ipam']),
};
/** Why keys that reach the host, and others that are often asked for, are not done. */
const reasons: Readonly<Record<string, string>> = {
  privileged: 'a privileged container has the host in its hands',
  devices: 'it asks for devices of the host',
  pid: 'it asks for a process table that is not its own',
  ipc: 'it asks for an IPC namespace that is not its own',
  userns_mode: 'it asks for a user namespace that is not its own',
  uts: "it asks for the host's name",
  cgroup: "it asks for the host's cgroups",
  cgroup_parent: "it asks for the host's cgroups",
  gpus: 'it asks for GPUs',
};

/** What the file asks for beside its services, and is not done. */
export function topRefusals(yaml: ComposeFile): string[] {
  const unknown = Object.keys(yaml).filter((key) => !topKeys.has(key) && !key.startsWith('x-'));
  const external = (['volumes', 'networks'] as const).flatMap((kind) =>
    Object.entries(yaml[kind] ?? {}).flatMap(([name, options]) =>
      options?.external === undefined || options.external === false ? [] : [`${kind}.${name}.external`],
    ),
  );
  const options = (['volumes', 'networks'] as const).flatMap((kind) =>
    Object.entries(yaml[kind] ?? {}).flatMap(([name, table]) =>
      Object.keys(table ?? {})
        .filter((key) => !optionKeys[kind].has(key))
        .map((key) => `${kind}.${name}.${key}`),
    ),
  );
  const sources = (['secrets', 'configs'] as const).flatMap((kind) =>
    Object.entries(yaml[kind] ?? {}).flatMap(([name, table]) =>
      table.file === undefined
        ? [`${kind}.${name}`]
        : Object.keys(table)
            .filter((key) => key !== 'file' && key !== 'name')
            .map((key) => `${kind}.${name}.${key}`),
    ),
  );
  const drivers = (['volumes', 'networks'] as const).flatMap((kind) =>
    Object.entries(yaml[kind] ?? {}).flatMap(([name, table]) =>
      [undefined, 'bridge', 'local', 'default'].includes(table?.driver) ? [] : [`${kind}.${name}.driver`],
    ),
  );
  const ranges = Object.entries(yaml.networks ?? {}).flatMap(([name, network]) =>
    rangeRefusals(name, network),
  );
  return [...unknown, ...external, ...options, ...sources, ...drivers, ...ranges].map(
    (key) => `its compose file uses ${key}`,
  );
}

/** What a service asks for that is not done, each with its key. */
export function serviceRefusals(name: string, service: ServiceYaml, source: ComposeSource): string[] {
  const say = (key: string, reason?: string): string =>
    `its compose file uses ${key} (service ${name})${reason === undefined ? '' : `: ${reason}`}`;
  const unknown = Object.keys(service)
    .filter((key) => !Object.hasOwn(serviceShape, key) && !key.startsWith('x-'))
    .filter((key) => !(key === 'privileged' && service[key] === false))
    .map((key) => say(key, reasons[key]));
  return [
    ...unknown,
    ...unknownInside(service).map((key) => say(key)),
    ...networkRefusals(service).map((reason) => say('network_mode', reason)),
    ...bindRefusals(service, source).map((reason) => say('volumes', reason)),
    ...(service.security_opt ?? [])
      .filter((option) => !safeOption.test(option))
      .map((option) => say('security_opt', `${option} would loosen what keeps a container in`)),
    ...(service.cap_add ?? [])
      .filter((capability) => !harmless.has(capabilityName(capability)))
      .map((capability) => say('cap_add', `${capability} reaches beyond its container`)),
    ...(hasDevices(service) ? [say('deploy.resources.reservations.devices', 'it asks for GPUs')] : []),
    ...[...(service.dns ?? [])]
      .filter((server) => isIP(server) === 0)
      .map((server) => say('dns', `${server} is no address`)),
    ...platformRefusals(service).map((reason) => say('platform', reason)),
  ];
}

/**
 * Without SELinux's labels, and with the calls that the engine's own list withholds (debuggers, sandboxes inside), a container keeps
 * its namespaces, its user and its capabilities. What AppArmor withholds of mounts and of /proc is not given up.
 */
const safeOption =
  /^(?:no-new-privileges(?:[:=](?:true|false))?|label[:=](?:disable|(?:type|level|user|role):[\w.:,-]+)|seccomp[:=]unconfined)$/;

/** Capabilities that act inside a container's own namespaces. */
const harmless = new Set(
  'CHOWN DAC_OVERRIDE FSETID FOWNER SETGID SETUID SETPCAP SETFCAP NET_BIND_SERVICE SYS_CHROOT KILL NET_RAW NET_ADMIN IPC_LOCK SYS_NICE AUDIT_WRITE MKNOD SYS_PTRACE NET_BROADCAST'.split(
    ' ',
  ),
);

function networkRefusals({ network_mode: mode }: ServiceYaml): string[] {
  if (mode === undefined || mode === '' || mode === 'none' || mode === 'bridge') return [];
  return [mode === 'host' ? "it asks for the host's network" : `${mode} is not done`];
}

/** Keys of tables inside a service that are not done, each with its place. */
function unknownInside(service: ServiceYaml): string[] {
  const { resources, restart_policy: restart } = service.deploy ?? {};
  const inner: readonly (readonly [place: string, table: unknown, known: object])[] = [
    ['build', service.build, innerKeys.build],
    ['healthcheck', service.healthcheck, innerKeys.healthcheck],
    ['deploy', service.deploy, innerKeys.deploy],
    ['deploy.resources', resources, innerKeys.resources],
    ['deploy.resources.limits', resources?.limits, innerKeys.limits],
    ['deploy.restart_policy', restart, innerKeys.restartPolicy],
    ...each('depends_on', service.depends_on, innerKeys.dependency),
    ...each('networks', service.networks, innerKeys.network),
    ...each('env_file', service.env_file, innerKeys.envFile),
    ...each('ulimits', service.ulimits, innerKeys.ulimit),
    ...each('volumes', service.volumes, innerKeys.volume),
    ...each('secrets', service.secrets, innerKeys.file),
    ...each('configs', service.configs, innerKeys.file),
    ...(service.volumes ?? []).flatMap((volume) =>
      typeof volume === 'string'
        ? []
        : ([
            ['volumes.bind', volume.bind, innerKeys.bind],
            ['volumes.tmpfs', volume.tmpfs, innerKeys.tmpfs],
          ] as const),
    ),
  ];
  return inner.flatMap(([place, table, known]) =>
    typeof table !== 'object' || table === null || Array.isArray(table)
      ? []
      : Object.keys(table)
          .filter((key) => !Object.hasOwn(known, key) && !key.startsWith('x-'))
          .map((key) => `${place}.${key}`),
  );
}

function each(place: string, list: object | undefined, known: object): [string, unknown, object][] {
  return Object.values(list ?? {}).map((table: unknown) => [place, table, known]);
}

/** Files that an engine makes for each container: what is put in their place never shows. A resolv.conf is read as `dns`. */
const ofEngine = ['/etc/hosts', '/etc/hostname'];

function bindRefusals({ volumes }: ServiceYaml, source: ComposeSource): string[] {
  return (volumes ?? []).flatMap((volume) => {
    if (typeof volume === 'string' && isUnsetMount(volume)) return [];
    const from =
      typeof volume === 'string' ? shortBind(volume) : volume.type === 'bind' ? (volume.source ?? '') : null;
    if (from === null) return [];
    const target = typeof volume === 'string' ? (volume.split(':')[1] ?? '') : volume.target;
    if (ofEngine.includes(target)) return [`${target} is the engine's: use extra_hosts or hostname`];
    if (from === '') return [`${typeof volume === 'string' ? volume : 'a bind'} names nothing of the task`];
    if (/docker\.sock|podman\.sock/.test(from))
      return [`${from}: the engine's socket has the host in its hands`];
    return from.startsWith('~') || pathInTask(source, from) === null ? [`${from} lies outside the task`] : [];
  });
}

/** The host's side of `./data:/data`; null for a named or anonymous volume. */
export function shortBind(volume: string): string | null {
  const [from = '', target] = volume.split(':');
  return target !== undefined && (/^[./~]/.test(from) || from === '') ? from : null;
}

/**
 * `${HOST_VERIFIER_LOGS_PATH}:${ENV_VERIFIER_LOGS_PATH}` and its like, whose variables Harbor has not set since 0.26: the log folders
 * that they meant are there without them.
 */
export function isUnsetMount(volume: string): boolean {
  return /^:?$/.test(volume);
}

function hasDevices({ deploy }: ServiceYaml): boolean {
  return JSON.stringify(deploy?.resources ?? {}).includes('"devices"');
}

function platformRefusals({ platform }: ServiceYaml): string[] {
  if (platform === undefined) return [];
  const own = arch() === 'x64' ? ['amd64', 'x86_64'] : [arch(), 'aarch64'];
  const [, architecture = ''] = platform.split('/');
  return architecture === '' || own.includes(architecture) ? [] : [`${platform} is not this machine's`];
}
