import { isIP } from 'node:net';

/** What may be reached from a container's network namespace. */
export interface BlockedNetworks {
  /** IPv4 and IPv6 addresses and ranges (`10.0.0.0/8`) that are refused at once. */
  readonly blocked: readonly string[];
  /** As `blocked`, but for what is part of `allowed`: a trial's own networks lie in private ranges. */
  readonly blockedElsewhere?: readonly string[];
  readonly allowed?: readonly string[];
  /** Who resolves names, and may be asked on port 53 wherever it lies; null where that is not known: then everybody may. */
  readonly resolvers?: readonly string[] | null;
}

/**
 * The policy as a text for `nft -f`, to be read inside the container's network namespace. Reading it again replaces what
 * stood there in one transaction. Broadcasts and multicasts are refused too: services of the host hear them. IPv6 needs
 * its neighbours found, which is all that is let through to them. Throws on what is no address.
 */
export function networkRules(policy: BlockedNetworks): string {
  const { blocked, blockedElsewhere = [], allowed = [], resolvers = null } = policy;
  const names = 'meta l4proto { tcp, udp } th dport 53 accept';
  const resolution =
    resolvers === null ? [names] : [`ip daddr @resolvers4 ${names}`, `ip6 daddr @resolvers6 ${names}`];
  return `table inet tbench
delete table inet tbench
table inet tbench {
${addressSets('resolvers', resolvers ?? [])}${addressSets('blocked', blocked)}${addressSets('allowed', allowed)}${addressSets('elsewhere', blockedElsewhere)}  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmpx admin-prohibited
  }
  chain output {
    type filter hook output priority 0; policy accept;
    oifname "lo" accept
    ${resolution.join('\n    ')}
    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } accept
    fib daddr type { broadcast, multicast } jump refuse
    ip daddr @blocked4 jump refuse
    ip6 daddr @blocked6 jump refuse
    ip daddr @allowed4 accept
    ip6 daddr @allowed6 accept
    ip daddr @elsewhere4 jump refuse
    ip6 daddr @elsewhere6 jump refuse
  }
}
`;
}

/** A set for each family. */
function addressSets(name: string, ranges: readonly string[]): string {
  const sets = ([4, 6] as const).map((family) => {
    const own = ranges.filter((range) => familyOf(range) === family);
    const elements = own.length === 0 ? '' : ` elements = { ${own.join(', ')} }`;
    return `  set ${name}${family} { type ipv${family}_addr; flags interval; auto-merge;${elements} }\n`;
  });
  return sets.join('');
}

function familyOf(range: string): 4 | 6 {
  const [, address = '', bits] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || Number(bits ?? 0) > (family === 4 ? 32 : 128))
    throw new Error(`not an address or range: ${JSON.stringify(range)}`);
  return family;
}
