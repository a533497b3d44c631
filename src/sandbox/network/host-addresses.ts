import { isIP } from 'node:net';
import { readFile } from 'node:fs/promises';

/**
 * Every address of this machine, loopback apart: also those of bridges that are down, where it answers all the same (the
 * system's list of interfaces leaves them out).
 */
export async function hostAddresses(): Promise<ReadonlySet<string>> {
  const [trie, inet6] = await Promise.all([readText('/proc/net/fib_trie'), readText('/proc/net/if_inet6')]);
  return new Set([...localAddresses(trie), ...inet6Addresses(inet6)].filter((ip) => !isLoopback(ip)));
}

/** The next hops of a process's network namespace: whoever routes for a container is the host, or stands in for it. */
export async function gatewaysOf(pid: number): Promise<readonly string[]> {
  return routeGateways(await readText(`/proc/${pid}/net/route`));
}

/** The name servers of a container's resolv.conf; null where it names none that can be read. */
export async function resolversIn(resolvConf: string | null): Promise<readonly string[] | null> {
  const found = nameservers(resolvConf === null ? '' : await readText(resolvConf));
  return found.length === 0 ? null : found;
}

/** `nameserver ADDRESS` lines; an address of one interface only (`fe80::1%eth0`) cannot be a rule. */
export function nameservers(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [word, address = ''] = line.trim().split(/\s+/, 2);
    return word === 'nameserver' && isIP(address) !== 0 && !address.includes('%') ? [address] : [];
  });
}

/** `/proc/net/fib_trie` names an address in one line and says in the next what it is: `/32 host LOCAL`. */
export function localAddresses(trie: string): readonly string[] {
  let address = '';
  const found: string[] = [];
  for (const [, named] of trie.matchAll(/^ *(?:\|-- (\d+\.\d+\.\d+\.\d+)|\/32 host LOCAL)$/gm)) {
    if (named === undefined) found.push(address);
    else address = named;
  }
  return found;
}

/** `/proc/net/if_inet6`: 32 digits a line, then index, prefix, scope, flags and name. */
export function inet6Addresses(text: string): readonly string[] {
  return [...text.matchAll(/^[0-9a-f]{32}(?= |$)/gm)].map(
    ([digits]) => digits.match(/.{4}/g)?.join(':') ?? '',
  );
}

/** `/proc/net/route`: interface, destination, gateway … as hexadecimal numbers of the machine's byte order. */
export function routeGateways(text: string): readonly string[] {
  const rows = text.matchAll(/^[ \t]*\S+[ \t]+\S+[ \t]+([0-9A-F]{8})(?=[ \t]|$)/gm);
  const found = [...rows].map(([, digits = '']) => digits).filter((digits) => digits !== '00000000');
  return found.map((digits) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(parseInt(digits, 16));
    return bytes.join('.');
  });
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '0000:0000:0000:0000:0000:0000:0000:0001';
}

/** '' where there is no such file: another system, or a kernel without IPv6. */
async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
