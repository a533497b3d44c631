import { z } from 'zod';
import { sleep } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import { uniqueSuffix } from '../../base/process-identity.js';
import type { EngineInfo } from '../container-engine.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { containerName, ownerLabels } from '../cleanup/labels.js';
import type { SandboxOwner } from '../cleanup/sandbox-owner.js';
import { ipv4Range, ipv4Text } from '../../base/number/ipv4.js';
import type { ProjectNetwork, ServiceSpec } from '../../record/service-spec.js';
import { fillVolume } from './fill-volume.js';
import type { ProjectSpec, Wiring } from './project-spec.js';

/** The networks and volumes of one environment. */
export interface ProjectResources {
  wiringOf(service: ServiceSpec): Wiring;
  /** Removes them; whatever still uses one must be on its way out. */
  remove(signal?: AbortSignal): Promise<void>;
}

const networkAnswer = z.object({
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().nullish() })).nullish() }).nullish(),
});

/**
 * Makes an environment's networks and volumes, labelled like its containers. podman may lack a name service (and has none on some
 * internal networks), so there each service has an address from the start, and every other its name in /etc/hosts: one that starts
 * later is known before. Docker's own names always work, and it takes no addresses on networks of its choice.
 */
export async function openProjectResources(
  { client, info }: { readonly client: EngineClient; readonly info: Pick<EngineInfo, 'name'> },
  project: ProjectSpec,
  options: {
    readonly owner: SandboxOwner;
    readonly isInternal: boolean;
    readonly signal: AbortSignal | undefined;
  },
): Promise<ProjectResources> {
  const { owner } = options;
  const prefix = containerName(owner.trial, uniqueSuffix());
  const labels = ownerLabels(owner);
  const networks = new Map<string, { readonly engineName: string; readonly subnet: string | null }>();
  const volumes = new Map<string, string>();
  const remove = async (signal?: AbortSignal): Promise<void> => {
    for (const { engineName } of networks.values())
      await removeInUse(client, `/networks/${engineName}`, signal);
    for (const volume of volumes.values()) await removeInUse(client, `/volumes/${volume}`, signal);
  };
  try {
    // Always in the same order: two trials that wait for each other's ranges would wait for ever.
    for (const { name, isInternal, range } of [...project.networks].sort(byRange)) {
      const engineName = `${prefix}-${slug(name)}`;
      networks.set(name, { engineName, subnet: null });
      const settings = {
        labels,
        isInternal: isInternal || options.isInternal,
        range,
        signal: options.signal,
      };
      networks.set(name, { engineName, subnet: await createNetwork(client, engineName, settings) });
    }
    await createVolumes(client, project, { prefix, labels, volumes });
  } catch (error) {
    await remove();
    throw error;
  }
  const services = [project.main, ...project.sidecars.map(({ spec }) => spec)];
  const addressOf = (service: ServiceSpec, network: string): string | null => {
    const own = service.networks.find(({ name }) => name === network)?.address ?? null;
    const subnet = networks.get(network)?.subnet ?? null;
    return own !== null || info.name !== 'podman' || subnet === null
      ? own
      : freeAddress(subnet, services.indexOf(service), takenOn(network, project));
  };
  return {
    wiringOf: (service) => ({
      volumes,
      networks: service.networks.map(({ name, aliases }) => ({
        engineName: networks.get(name)?.engineName ?? name,
        aliases: [service.name, ...aliases],
        address: addressOf(service, name),
      })),
      subnets: service.networks.flatMap(({ name }) => networks.get(name)?.subnet ?? []),
      hosts: services.flatMap((other) => hostsLines(service, other, addressOf)),
    }),
    remove,
  };
}

/** Creates a project's volumes and fills those that have a source; writes down under which name, before each is made. */
async function createVolumes(
  client: EngineClient,
  project: ProjectSpec,
  own: {
    readonly prefix: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly volumes: Map<string, string>;
  },
): Promise<void> {
  const { prefix, labels, volumes } = own;
  for (const { name, source } of project.volumes) {
    const engineName = `${prefix}${slug(`-${name}`)}`;
    volumes.set(name, engineName);
    const body = { Name: engineName, Labels: labels };
    const what = `create the volume ${engineName}`;
    await client.send({ method: 'POST', path: '/volumes/create', body, what });
    const [first] = project.sidecars;
    if (source !== null && first !== undefined)
      await fillVolume(client, { engineName, source, labels }, first.image);
  }
}

/** Creates a network; returns its IPv4 subnet, null where the engine names none. */
async function createNetwork(
  client: EngineClient,
  engineName: string,
  {
    labels,
    isInternal,
    range,
    signal,
  }: Pick<ProjectNetwork, 'isInternal' | 'range'> & {
    readonly labels: Readonly<Record<string, string>>;
    readonly signal: AbortSignal | undefined;
  },
): Promise<string | null> {
  const config = range && {
    Subnet: range.subnet,
    ...(range.gateway === null ? {} : { Gateway: range.gateway }),
  };
  const body = {
    ...{ Name: engineName, Labels: labels, Internal: isInternal, CheckDuplicate: true },
    ...(config === null ? {} : { IPAM: { Config: [config] } }),
  };
  const what = `create the network ${engineName}`;
  const create = () => client.send({ method: 'POST', path: '/networks/create', body, what });
  await (range === null ? create() : whenFree(create, signal));
  const look = {
    method: 'GET',
    path: `/networks/${engineName}`,
    what: `look up the network ${engineName}`,
  } as const;
  const { IPAM: ipam } = await client.json(look, networkAnswer);
  const subnets = (ipam?.Config ?? []).flatMap(({ Subnet: subnet }) => subnet ?? []);
  return subnets.find((subnet) => !subnet.includes(':')) ?? null;
}

/** The names under which one service finds another, on the first network that both are on. */
function hostsLines(
  service: ServiceSpec,
  other: ServiceSpec,
  addressOf: (service: ServiceSpec, network: string) => string | null,
): string[] {
  const shared = other.networks.find(({ name }) => service.networks.some((one) => one.name === name));
  const address = shared === undefined ? null : addressOf(other, shared.name);
  return shared === undefined || address === null
    ? []
    : [other.name, ...shared.aliases].map((name) => `${name}:${address}`);
}

/** The addresses of a network that are somebody's by the file's own word. */
function takenOn(network: string, project: ProjectSpec): ReadonlySet<string> {
  const services = [project.main, ...project.sidecars.map(({ spec }) => spec)];
  const chosen = services.flatMap((service) =>
    service.networks.flatMap(({ name, address }) => (name === network && address !== null ? [address] : [])),
  );
  const gateway = project.networks.find(({ name }) => name === network)?.range?.gateway ?? null;
  return new Set(gateway === null ? chosen : [...chosen, gateway]);
}

/** The nth address of a network that nobody has, the first of them left to gateways. */
function freeAddress(subnet: string, index: number, taken: ReadonlySet<string>): string {
  const range = ipv4Range(subnet);
  if (range === null) throw new SandboxError(`the network ${subnet} is no IPv4 range`);
  const skipped = range.size > 32 ? 10 : 2;
  const free = Array.from({ length: Math.min(range.size - 1 - skipped, taken.size + index + 1) }, (_, at) =>
    ipv4Text(range.first + skipped + at),
  ).filter((address) => !taken.has(address));
  const found = free[index];
  if (found === undefined) throw new SandboxError(`the network ${subnet} has no room for its services`);
  return found;
}

function byRange(one: ProjectNetwork, other: ProjectNetwork): number {
  return (one.range?.subnet ?? '').localeCompare(other.range?.subnet ?? '');
}

const rangeTries = 600;

/** A range that a task's file chooses is had by one trial at a time on a machine: the others wait until it is free. */
async function whenFree(create: () => Promise<unknown>, signal?: AbortSignal): Promise<void> {
  for (let left = rangeTries; ; left -= 1) {
    try {
      await create();
      return;
    } catch (error) {
      const isTaken = error instanceof EngineCallError && /already (?:in use|used)|overlap/i.test(error.said);
      if (!isTaken || left === 0) throw error;
      await sleep(1_000, signal);
    }
  }
}

function slug(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_.-]+/g, '-');
}

const removeTries = 40;

/** Repeated while a container that is on its way out still uses it. One that is gone already is fine. */
async function removeInUse(client: EngineClient, path: string, signal?: AbortSignal): Promise<void> {
  for (let left = removeTries; ; left -= 1) {
    try {
      await client.send({
        method: 'DELETE',
        path,
        query: { force: 'true' },
        signal,
        what: `remove ${path.slice(1)}`,
      });
      return;
    } catch (error) {
      if (error instanceof EngineCallError && error.status === 404) return;
      if (left === 0 || !(error instanceof EngineCallError)) throw error;
      await sleep(250, signal);
    }
  }
}
