import { isIP } from 'node:net';

export type NetworkMode = 'public' | 'no-network' | 'allowlist';

/** What may be reached in one phase of a trial. */
export interface NetworkPolicy {
  readonly mode: NetworkMode;
  /** With `allowlist`: names, `*.` and a name for all below it, addresses and ranges. Empty allows nothing. */
  readonly allowedHosts: readonly string[];
}

/** One entry of an allowlist. */
export type AllowedHost =
  | { readonly kind: 'name' | 'below'; readonly name: string }
  | {
      readonly kind: 'range';
      readonly address: string;
      readonly bits: number;
      readonly family: 'ipv4' | 'ipv6';
    };

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^(\\*\\.)?(${label}(?:\\.${label})*)$`);

/** Reads an entry of an allowlist; null for a URL, a port, or whatever else is none. */
export function parseAllowedHost(text: string): AllowedHost | null {
  const host = text.trim().toLowerCase().replace(/\.$/, '');
  const [address = '', written, ...more] = host.split('/');
  const version = isIP(address);
  if (version !== 0) {
    const most = version === 4 ? 32 : 128;
    const isNumber = written === undefined || /^\d{1,3}$/.test(written);
    const bits = Number(written ?? most);
    if (!isNumber || bits > most || more.length > 0 || address.includes('%')) return null;
    return { kind: 'range', address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
  }
  const [, isBelow, name] = hostName.exec(host) ?? [];
  // What looks like an address and is none would be a name that nobody can have.
  if (name === undefined || host.length > 253 || /^[\d.]+$/.test(name)) return null;
  return { kind: isBelow === undefined ? 'name' : 'below', name };
}
