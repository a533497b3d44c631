import { TaskError } from '../../../base/errors.js';
import { ipv4Number, ipv4Range } from '../../../base/number/ipv4.js';
import type { ComposeService } from '../../compose.js';
import type { ProjectNetwork } from '../../../record/service-spec.js';
import { innerKeys, type ComposeFile } from './compose-schema.js';

type NetworkYaml = NonNullable<ComposeFile['networks']>[string];

/** Ranges of nobody on the internet: another one would take addresses of the internet from this machine. */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
const [fewest, most] = [2 ** 3, 2 ** 16];

/** What is not done of the ranges that a file chooses for its networks, each with its key. */
export function rangeRefusals(name: string, network: NetworkYaml): string[] {
  const { ipam } = network ?? {};
  const key = `networks.${name}.ipam`;
  const [config, ...more] = ipam?.config ?? [];
  const unknown = [
    ...Object.keys(ipam ?? {}).filter((inner) => !Object.hasOwn(innerKeys.ipam, inner)),
    ...Object.keys(config ?? {})
      .filter((inner) => !Object.hasOwn(innerKeys.ipamConfig, inner))
      .map((inner) => `config.${inner}`),
    ...(more.length > 0 ? ['config: more than one range'] : []),
  ].map((inner) => `${key}.${inner}`);
  const { subnet } = config ?? {};
  if (subnet === undefined) return unknown;
  const range = ipv4Range(subnet);
  const isPrivate = privateNetworks.some((outer) => range !== null && isWithin(range.first, outer));
  const fits = range !== null && range.size >= fewest && range.size <= most && isPrivate;
  return fits
    ? unknown
    : [...unknown, `${key}.config.subnet: ${subnet} is no private IPv4 range of 16 to 29 bits`];
}

/** The range that a file chooses for a network; null where it leaves that open. */
export function readRange(network: NetworkYaml): ProjectNetwork['range'] {
  const [{ subnet, gateway = null } = {}] = network?.ipam?.config ?? [];
  return subnet === undefined ? null : { subnet, gateway };
}

/** Throws TaskError for a service whose address lies in no range that its network has. */
export function checkAddresses(
  file: string,
  services: readonly ComposeService[],
  networks: readonly ProjectNetwork[],
): void {
  for (const service of services)
    for (const { name, address } of service.networks) {
      const range = networks.find((network) => network.name === name)?.range ?? null;
      if (address !== null && (range === null || !isWithin(ipv4Number(address), range.subnet)))
        throw new TaskError(
          `${file}: services.${service.name}.networks.${name}.ipv4_address: ${address} is not in a subnet of that network`,
        );
    }
}

function isWithin(address: number, subnet: string): boolean {
  const range = ipv4Range(subnet);
  return range !== null && address >= range.first && address < range.first + range.size;
}
