import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, connect, isIP, type Socket } from 'node:net';
import { once } from 'node:events';
import { openDeadline } from '../../../base/deadline.js';
import { alwaysBlocked, privateRanges } from '../blocked-ranges.js';
import { hostAddresses } from '../host-addresses.js';

/** Addresses of a name, as this machine resolves it. Throws as `dns.lookup` does. */
export type Lookup = (name: string) => Promise<readonly { readonly address: string }[]>;

export const hostLookup: Lookup = (name) => systemLookup(name, { all: true });

/** A host that is only at addresses which no sandbox may reach. */
export class NowhereError extends Error {}

const limitMs = 15_000;
/** Addresses that this machine would take for itself, or for several; IPv4 in IPv6's clothes among them. */
const nowhere = [
  ...['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '198.18.0.0/15'],
  ...['::/96', '::ffff:0:0/96', '64:ff9b::/96', 'ff00::/8'],
];

/**
 * Connects this machine to a host for a sandbox: only to addresses that a sandbox with a network may reach, and to the very address
 * that was judged. Throws with the reason.
 */
export async function dial(
  { host, port }: { readonly host: string; readonly port: number },
  options: { readonly blockPrivate: boolean; readonly lookup: Lookup },
): Promise<Socket> {
  if (!/^[a-z0-9_.:-]+$/i.test(host)) throw new NowhereError('that is no name of a host');
  const found = isIP(host) === 0 ? await options.lookup(host) : [{ address: host }];
  const blocked = await blockedHere(options.blockPrivate);
  const open = found.filter(({ address }) => !blocked(address));
  if (open.length === 0) throw new NowhereError(`${host} leads to this machine or to nobody`);
  let reason: unknown;
  for (const { address } of open.slice(0, 4)) {
    const socket = connect({ host: address, port, allowHalfOpen: true });
    try {
      using deadline = openDeadline(limitMs);
      await once(socket, 'connect', { signal: deadline.signal });
      return socket;
    } catch (error) {
      socket.on('error', () => undefined).destroy();
      reason = error;
    }
  }
  throw reason;
}

/** A list for each family: one would take every IPv4 address for one in IPv6's clothes. */
async function blockedHere(blockPrivate: boolean): Promise<(address: string) => boolean> {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  const ranges = [
    ...alwaysBlocked(await hostAddresses()),
    ...nowhere,
    ...(blockPrivate ? privateRanges : []),
  ];
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = familyOf(address);
    lists[family].addSubnet(address, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return (address) => lists[familyOf(address)].check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
