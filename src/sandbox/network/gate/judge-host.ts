import { BlockList, isIP } from 'node:net';
import { parseAllowedHost, type NetworkPolicy } from '../../../record/network-policy.js';

/** What a policy says of names and addresses. */
export interface HostJudge {
  allowsName(name: string): boolean;
  allowsAddress(address: string): boolean;
}

/** What a sandbox says is a name may be anything: an address with a zone, a name with a NUL that ends it for the resolver. */
const plainName = /^(?=.{1,253}$)[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** Reads a policy once, for the many connections that are judged by it. */
export function hostJudge({ mode, allowedHosts }: NetworkPolicy): HostJudge {
  if (mode !== 'allowlist')
    return { allowsName: () => mode === 'public', allowsAddress: () => mode === 'public' };
  const names = new Set<string>();
  const above: string[] = [];
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const text of allowedHosts) {
    const host = parseAllowedHost(text);
    if (host?.kind === 'name') names.add(host.name);
    if (host?.kind === 'below') above.push(`.${host.name}`);
    if (host?.kind === 'range') ranges[host.family].addSubnet(host.address, host.bits, host.family);
  }
  return {
    allowsName: (name) =>
      plainName.test(name) &&
      isIP(name) === 0 &&
      (names.has(name) || above.some((end) => name.endsWith(end) && name.length > end.length)),
    allowsAddress: (address) => {
      if (isIP(address) === 0 || address.includes('%')) return false;
      const family = address.includes(':') ? 'ipv6' : 'ipv4';
      return ranges[family].check(address, family);
    },
  };
}
