import { capabilityName, type ServiceSpec } from '../../record/service-spec.js';
import type { Wiring } from './project-spec.js';

/** The parts of `POST /containers/create` that a service's own settings decide. */
export function serviceRequest(
  spec: ServiceSpec,
  wiring: Wiring,
): { readonly body: object; readonly host: object } {
  const [first] = wiring.networks;
  const added = spec.capAdd.map(capabilityName);
  const dropped = ['MKNOD', 'NET_RAW', ...spec.capDrop].filter(
    (name) => !added.includes(capabilityName(name)),
  );
  const binds = spec.mounts.flatMap((mount) => {
    if (mount.kind !== 'volume' || mount.volume === null) return [];
    const volume = wiring.volumes.get(mount.volume) ?? mount.volume;
    return [`${volume}:${mount.target}${mount.isReadOnly ? ':ro' : ''}`];
  });
  const own = spec.mounts.flatMap((mount) =>
    mount.kind === 'volume' && mount.volume === null ? [[mount.target, {}] as const] : [],
  );
  const tmpfs = spec.mounts.flatMap((mount) =>
    mount.kind === 'tmpfs' ? [[mount.target, mount.options] as const] : [],
  );
  return {
    body: {
      ...(spec.hostname === null ? {} : { Hostname: spec.hostname }),
      ...(own.length === 0 ? {} : { Volumes: Object.fromEntries(own) }),
      ...(spec.stopSignal === null ? {} : { StopSignal: spec.stopSignal }),
      ...(spec.stopGraceMs === null ? {} : { StopTimeout: Math.ceil(spec.stopGraceMs / 1000) }),
      ...(first === undefined
        ? {}
        : { NetworkingConfig: { EndpointsConfig: { [first.engineName]: endpoint(first) } } }),
    },
    host: {
      NetworkMode: first?.engineName ?? 'none',
      CapAdd: added,
      CapDrop: dropped,
      ...(binds.length === 0 ? {} : { Binds: binds }),
      ...(tmpfs.length === 0 ? {} : { Tmpfs: Object.fromEntries(tmpfs) }),
      ...(first === undefined ? {} : { ExtraHosts: [...spec.extraHosts, ...wiring.hosts] }),
      ...(spec.dns.servers.length === 0 ? {} : { Dns: spec.dns.servers }),
      ...(spec.dns.search.length === 0 ? {} : { DnsSearch: spec.dns.search }),
      ...(spec.dns.options.length === 0 ? {} : { DnsOptions: spec.dns.options }),
      ...(spec.securityOpt.length === 0 ? {} : { SecurityOpt: spec.securityOpt }),
      ...(spec.isReadOnly ? { ReadonlyRootfs: true } : {}),
      ...(spec.shmBytes === null ? {} : { ShmSize: spec.shmBytes }),
      ...(spec.ulimits.length === 0
        ? {}
        : { Ulimits: spec.ulimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })) }),
      ...(Object.keys(spec.sysctls).length === 0 ? {} : { Sysctls: spec.sysctls }),
    },
  };
}

/** How a container is on one network. */
export function endpoint({ aliases, address }: Wiring['networks'][number]): object {
  return { Aliases: aliases, ...(address === null ? {} : { IPAMConfig: { IPv4Address: address } }) };
}
