import { z } from 'zod';
import { sleep } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import { uniqueSuffix } from '../../base/process-identity.js';
import type { EngineInfo } from '../container-engine.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import { containerName, ownerLabels } from '../cleanup/labels.js';
import type { SandboxOwner } from '../cleanup/sandbox-owner.js';
import type { ServiceSpec } from '../../record/service-spec.js';
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
  options: { readonly owner: SandboxOwner; readonly isInternal: boolean },
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
    for (const { name, isInternal } of project.networks) {
      const engineName = `${prefix}-${slug(name)}`;
      networks.set(name, { engineName, subnet: null });
      const settings = { labels, isInternal: isInternal || options.isInternal };
      networks.set(name, { engineName, subnet: await createNetwork(client, engineName, settings) });
    }
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
  } catch (error) {
    await remove();
    throw error;
  }
  const services = [project.main, ...project.sidecars.map(({ spec }) => spec)];
  const addressOf = (service: ServiceSpec, network: string): string | null => {
    const subnet = networks.get(network)?.subnet ?? null;
    return info.name === 'podman' && subnet !== null
      ? nthAddress(subnet, services.indexOf(service) + 10)
      : null;
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

/** Creates a network; returns its IPv4 subnet, null where the engine names none. */
async function createNetwork(
  client: EngineClient,
  engineName: string,
  { labels, isInternal }: { readonly labels: Readonly<Record<string, string>>; readonly isInternal: boolean },
): Promise<string | null> {
  const body = { Name: engineName, Labels: labels, Internal: isInternal, CheckDuplicate: true };
  const what = `create the network ${engineName}`;
  await client.send({ method: 'POST', path: '/networks/create', body, what });
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

function nthAddress(subnet: string, index: number): string {
  const [base = '', bits = '24'] = subnet.split('/');
  if (index > 2 ** (32 - Number(bits)) - 2)
    throw new SandboxError(`the network ${subnet} has no room for its services`);
  const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
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
