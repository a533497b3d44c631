import { BlockList } from 'node:net';
import { parseAllowedHost, type NetworkPolicy } from '../../../record/network-policy.js';

/** What a policy says of names and addresses. */
export interface HostJudge {
  allowsName(name: string): boolean;
  allowsAddress(address: string): boolean;
}

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
      names.has(name) || above.some((end) => name.endsWith(end) && name.length > end.length),
    allowsAddress: (address) => {
      const family = address.includes(':') ? 'ipv6' : 'ipv4';
      return ranges[family].check(address, family);
    },
  };
}
