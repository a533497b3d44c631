import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { alwaysBlocked } from '../../network/blocked-ranges.js';
import { addedHosts } from './added-hosts.js';
import { judged } from './read-dockerfile.js';

/** Each is a question to a name server. */
const mostHosts = 50;
/** What every machine answers at itself, the unspecified address among it. */
const itself = ['0.0.0.0/8', '127.0.0.0/8', '::/127'];

/**
 * Why a Dockerfile (bytes as latin1) must not be built whose ADD would have the engine fetch from this machine itself, or from a
 * link-local address, in the network of the engine, which no rule guards; null where none does. `own` are the machine's addresses.
 * A name is asked for once, before the build: what it means later, and where its server sends the engine on, is not known.
 */
export async function addRefusal(text: string, own: Iterable<string>): Promise<string | null> {
  let hosts: ReadonlySet<string> = new Set();
  const reason = judged(() => {
    hosts = addedHosts(text);
    return hosts.size > mostHosts ? `its ADD ask more than ${mostHosts} hosts` : null;
  });
  if (reason !== null) return reason;
  const blocked = blockListOf([...alwaysBlocked(own), ...itself]);
  for (const host of hosts) {
    for (const address of await addressesOf(host)) {
      if (blocked.check(address, familyOf(address)))
        return `ADD from ${host.slice(0, 200)}: the engine would fetch it in this machine's own network, where ${address} must not be reached`;
    }
  }
  return null;
}

/** As the system's resolver has it, which also knows `2130706433` and `0x7f.1`; none for a name that nobody knows. */
async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, verbatim: true }).catch(() => []);
  return found.map(({ address }) => address.replace(/%.*/, ''));
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    if (isIP(address) === 0) continue;
    if (bits === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
