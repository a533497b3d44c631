import { arch } from 'node:os';
import type { ComposeSource } from '../../compose.js';
import { serviceShape, type ComposeFile, type ServiceYaml } from './compose-schema.js';
import { pathInTask } from './path-in-task.js';

const topKeys = new Set(['version', 'name', 'services', 'volumes', 'networks', 'secrets', 'configs']);
const buildKeys = new Set(['context', 'dockerfile', 'target', 'args']);
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
  const odd = Object.entries(yaml.volumes ?? {}).flatMap(([name, options]) =>
    Object.keys(options ?? {})
      .filter((key) => !['external', 'name', 'labels'].includes(key))
      .map((key) => `volumes.${name}.${key}`),
  );
  const networks = Object.entries(yaml.networks ?? {}).flatMap(([name, options]) =>
    Object.keys(options ?? {})
      .filter((key) => !['external', 'name', 'labels', 'internal', 'driver', 'attachable'].includes(key))
      .map((key) => `networks.${name}.${key}`),
  );
  const sources = (['secrets', 'configs'] as const).flatMap((kind) =>
    Object.entries(yaml[kind] ?? {}).flatMap(([name, { file }]) =>
      file === undefined ? [`${kind}.${name}`] : [],
    ),
  );
  const drivers = Object.entries(yaml.networks ?? {}).flatMap(([name, options]) =>
    (options?.['driver'] ?? 'bridge') === 'bridge' ? [] : [`networks.${name}.driver`],
  );
  return [...unknown, ...external, ...odd, ...networks, ...sources, ...drivers].map(
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
  const build =
    typeof service.build === 'object'
      ? Object.keys(service.build)
          .filter((key) => !buildKeys.has(key) && !key.startsWith('x-'))
          .map((key) => say(`build.${key}`))
      : [];
  return [
    ...unknown,
    ...build,
    ...networkRefusals(service).map((reason) => say('network_mode', reason)),
    ...bindRefusals(service, source).map((reason) => say('volumes', reason)),
    ...(service.security_opt ?? [])
      .filter((option) => !/^(?:no-new-privileges(?:[:=]true)?)$/.test(option))
      .map((option) => say('security_opt', `${option} would loosen what keeps a container in`)),
    ...(service.cap_add ?? [])
      .filter((capability) => !harmless.has(capability.toUpperCase().replace(/^CAP_/, '')))
      .map((capability) => say('cap_add', `${capability} reaches beyond its container`)),
    ...Object.keys(service.deploy ?? {})
      .filter((key) => !['resources', 'replicas', 'restart_policy'].includes(key))
      .map((key) => say(`deploy.${key}`)),
    ...(hasDevices(service) ? [say('deploy.resources.reservations.devices', 'it asks for GPUs')] : []),
    ...platformRefusals(service).map((reason) => say('platform', reason)),
  ];
}

/** Capabilities that act inside a container's own namespaces. */
const harmless = new Set(
  'CHOWN DAC_OVERRIDE FSETID FOWNER SETGID SETUID SETPCAP SETFCAP NET_BIND_SERVICE SYS_CHROOT KILL NET_RAW IPC_LOCK SYS_NICE AUDIT_WRITE'.split(
    ' ',
  ),
);

function networkRefusals({ network_mode: mode }: ServiceYaml): string[] {
  if (mode === undefined || mode === 'none' || mode === 'bridge') return [];
  return [mode === 'host' ? "it asks for the host's network" : `${mode} is not done`];
}

function bindRefusals({ volumes }: ServiceYaml, source: ComposeSource): string[] {
  return (volumes ?? []).flatMap((volume) => {
    const from =
      typeof volume === 'string' ? shortBind(volume) : volume.type === 'bind' ? (volume.source ?? '') : null;
    if (from === null) return [];
    if (/docker\.sock|podman\.sock/.test(from))
      return [`${from}: the engine's socket has the host in its hands`];
    return pathInTask(source, from) === null ? [`${from} lies outside the task`] : [];
  });
}

/** The host's side of `./data:/data`; null for a named or anonymous volume. */
export function shortBind(volume: string): string | null {
  const [from = '', target] = volume.split(':');
  return target !== undefined && (/^[./~]/.test(from) || from === '') ? from : null;
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
