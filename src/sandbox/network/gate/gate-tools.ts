import { openDeadline } from '../../../base/deadline.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram } from '../../connection/host-facts.js';
import type { HostVariables } from '../../../base/host-variables.js';
import { gateRules } from './gate-rules.js';

/** The host's programs that a network policy is kept with. */
export interface GateTools {
  readonly nsenter: string;
  readonly nft: string;
  readonly ip: string;
}

/** Finds them; returns what is missing as text. */
export function findGateTools(env: HostVariables): GateTools | string {
  const packages = { nft: 'nftables', ip: 'iproute2', nsenter: 'util-linux' };
  const found = {
    nft: findProgram('nft', env),
    ip: findProgram('ip', env),
    nsenter: findProgram('nsenter', env),
  };
  for (const [name, path] of Object.entries(found))
    if (path === null) return `there is no ${name} here (package ${packages[name as keyof typeof packages]})`;
  return found as GateTools;
}

const trialLimitMs = 15_000;

/** Tries the rules in a network namespace of our own, as the engine's user would have one. Returns why they do not work, or null. */
export async function tryGateRules(
  { ip, nft }: GateTools,
  options: { readonly rootless: boolean },
): Promise<string | null> {
  const user = options.rootless ? ['--user', '--map-root-user'] : [];
  const shell = '"$0" link set lo up && "$0" route add default dev lo src 127.0.0.1 && exec "$1" -f -';
  using deadline = openDeadline(trialLimitMs);
  const child = spawn('unshare', [...user, '--net', '/bin/sh', '-c', shell, ip, nft], {
    stdio: ['pipe', 'ignore', 'pipe'],
    signal: deadline.signal,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(0, 500)));
  child.stdin
    .on('error', () => undefined)
    .end(gateRules({ tcp4: 1, udp4: 1, tcp6: 1, udp6: 1 }, { own: [], host: [] }));
  const [code] = (await once(child, 'close').catch((error: unknown) => [String(error)])) as [
    number | string | null,
  ];
  if (code === 0) return null;
  return `network rules do not work here: ${said.trim().split('\n')[0] || `ended with ${code ?? 'a signal'}`}`;
}
