/** Ports on the sandbox's loopback that lead to the gate. */
export interface GatePorts {
  readonly tcp4: number;
  readonly udp4: number;
  /** Null where the sandbox has no IPv6. */
  readonly tcp6: number | null;
  readonly udp6: number | null;
}

/** Local resolvers of the host that an engine may have written into /etc/resolv.conf. */
const stubs = '127.0.0.53, 127.0.0.54';

/**
 * The ruleset of a sandbox whose only way out is the gate, for `nft -f` in its network namespace. It only leads there and tells what
 * was meant: with the rules gone, there is still no other way. `own` are the trial's networks, but for the host's addresses in them.
 */
export function gateRules(
  ports: GatePorts,
  { own, host }: { readonly own: readonly string[]; readonly host: readonly string[] },
): string {
  return `table inet tbench_gate
delete table inet tbench_gate
table inet tbench_gate {
  set own4 { type ipv4_addr; flags interval; auto-merge;${elements(own)} }
  set host4 { type ipv4_addr;${elements(host)} }
  set wanted4 { type inet_service . ipv4_addr . inet_service; size 4096; flags dynamic,timeout; timeout 10s; }
  set wanted6 { type inet_service . ipv6_addr . inet_service; size 4096; flags dynamic,timeout; timeout 10s; }
  set refused4 { type ipv4_addr . inet_proto . inet_service; size 256; flags dynamic; }
  set refused6 { type ipv6_addr . inet_proto . inet_service; size 256; flags dynamic; }
  chain divert {
    type nat hook output priority -110; policy accept;
    ip daddr { ${stubs} } udp dport 53 redirect to :${ports.udp4}
    ip daddr 127.0.0.0/8 accept
    ip6 daddr ::1 accept
    ip daddr != @host4 ip daddr @own4 accept
    meta nfproto ipv4 udp dport 53 redirect to :${ports.udp4}
    meta nfproto ipv4 meta l4proto tcp update @wanted4 { tcp sport . ip daddr . tcp dport } redirect to :${ports.tcp4}
${ports.udp6 === null ? '' : `    meta nfproto ipv6 udp dport 53 redirect to :${ports.udp6}\n`}${
    ports.tcp6 === null
      ? ''
      : `    meta nfproto ipv6 meta l4proto tcp update @wanted6 { tcp sport . ip6 daddr . tcp dport } redirect to :${ports.tcp6}\n`
  }  }
  chain keep {
    type filter hook output priority 0; policy accept;
    ip daddr 127.0.0.0/8 accept
    ip6 daddr ::1 accept
    ip daddr != @host4 ip daddr @own4 accept
    icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } accept
    meta l4proto tcp reject with tcp reset
    meta nfproto ipv4 meta l4proto udp add @refused4 { ip daddr . meta l4proto . th dport }
    meta nfproto ipv6 meta l4proto udp add @refused6 { ip6 daddr . meta l4proto . th dport }
    reject with icmpx admin-prohibited
  }
}
`;
}

function elements(list: readonly string[]): string {
  return list.length === 0 ? '' : ` elements = { ${list.join(', ')} }`;
}

/** What a sandbox wanted to reach, by the port that it did so from. */
export interface Wanted {
  readonly address: string;
  readonly port: number;
}

const wantedLine = /(\d+) \. ([0-9a-f.:]+) \. (\d+)(?: timeout \S+)? expires (\S+)/g;

/** The latest that was wanted from each port, of `nft list table`. */
export function readWanted(listing: string): ReadonlyMap<number, Wanted> {
  const latest = new Map<number, Wanted & { readonly leftMs: number }>();
  for (const [, from, address = '', port, left = ''] of listing.matchAll(wantedLine)) {
    const leftMs = milliseconds(left);
    if ((latest.get(Number(from))?.leftMs ?? -1) < leftMs)
      latest.set(Number(from), { address, port: Number(port), leftMs });
  }
  return latest;
}

/** What was refused without reaching the gate, of `nft list table`. */
export function readRefused(listing: string): readonly (Wanted & { readonly protocol: string })[] {
  return [...listing.matchAll(/([0-9a-f.:]+) \. (udp|17|udplite|136) \. (\d+)/g)].map(
    ([, address = '', protocol = '', port]) => ({
      address,
      protocol: protocol === '17' ? 'udp' : protocol,
      port: Number(port),
    }),
  );
}

/** nft writes `9s892ms`. */
function milliseconds(written: string): number {
  const unit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
  return [...written.matchAll(/(\d+)(ms|s|m)/g)].reduce(
    (sum, [, count, name = '']) => sum + Number(count) * (unit[name] ?? 0),
    0,
  );
}
