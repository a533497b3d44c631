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
    const family = version === 4 ? 'ipv4' : 'ipv6';
    return isFirstOf(address, bits, family) ? { kind: 'range', address, bits, family } : null;
  }
  const [, isBelow, name] = hostName.exec(host) ?? [];
  // What looks like an address and is none would be a name that nobody can have.
  if (name === undefined || host.length > 253 || /^[\d.]+$/.test(name)) return null;
  return { kind: isBelow === undefined ? 'name' : 'below', name };
}

/** Whether a range is written by its first address: Harbor refuses `10.0.0.1/8`, which may mean the range or the one address. */
function isFirstOf(address: string, bits: number, family: 'ipv4' | 'ipv6'): boolean {
  const groups = family === 'ipv4' ? address.split('.').map(Number) : groupsOf(address);
  const width = family === 'ipv4' ? 8 : 16;
  return groups.every((group, index) => {
    const free = Math.min(width, Math.max(0, (index + 1) * width - bits));
    return group % 2 ** free === 0;
  });
}

/** The eight groups of an IPv6 address; a URL has it in hexadecimal, with one gap at most. */
function groupsOf(address: string): number[] {
  const halves = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [front = [], back = []] = halves.map((half) => half.split(':').filter((group) => group !== ''));
  const gap = Array<string>(8 - front.length - back.length).fill('0');
  return [...front, ...gap, ...back].map((group) => Number.parseInt(group, 16));
}
