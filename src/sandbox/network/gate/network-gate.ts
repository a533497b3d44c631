import type { Socket } from 'node:net';
import type { NetworkLog } from '../../../record/network-log.js';
import type { NetworkPolicy } from '../../../record/network-policy.js';
import type { NetworkOwner } from '../inside-network.js';
import { hostLookup, type Lookup } from './dial.js';
import { openDoor, type Door } from './door.js';
import type { GateTools } from './gate-tools.js';
import type { Wanted } from './gate-rules.js';
import { hostJudge, type HostJudge } from './judge-host.js';
import { openNameBook } from './name-book.js';
import { passConnection } from './pass-connection.js';
import { openRefusalLog } from './refusal-log.js';

/** Keeps the network policy of one environment: all its sandboxes have no way out but through it. */
export interface NetworkGate extends Disposable {
  readonly policy: NetworkPolicy;
  /** Another phase begins under this policy. Connections that it does not allow are cut. */
  enter(phase: string, policy: NetworkPolicy): Promise<void>;
  /** Opens the way of a sandbox that has no other. Throws SandboxError where that cannot be done. */
  attach(owner: NetworkOwner, options: AttachOptions): Promise<void>;
  /** What was refused so far. */
  log(): Promise<NetworkLog>;
}

export interface AttachOptions {
  readonly service: string;
  /** The trial's networks. */
  readonly ownRanges: readonly string[];
  readonly blockPrivate: boolean;
}

interface Passed {
  readonly socket: Socket;
  readonly host: string;
}

/** Opens the gate of an environment that begins with `policy`. */
export function openNetworkGate(
  policy: NetworkPolicy,
  tools: GateTools,
  { lookup = hostLookup }: { readonly lookup?: Lookup } = {},
): NetworkGate {
  const phases: NetworkLog['phases'] = [];
  const refusals = openRefusalLog();
  const book = openNameBook();
  const doors = new Map<string, Door>();
  const passed = new Set<Passed>();
  let now = { phase: '', policy, judge: hostJudge(policy) };
  const judge = judgeOf(() => now);
  const begin = (phase: string, next: NetworkPolicy): void => {
    now = { phase, policy: next, judge: hostJudge(next) };
    const { mode, allowedHosts } = next;
    phases.push({ phase, mode, allowed_hosts: [...allowedHosts], from: new Date().toISOString() });
  };
  begin('environment', policy);
  const refuse = (service: string, protocol: string, { address, port }: Wanted): void =>
    refusals.add({ phase: now.phase, service, protocol, host: book.nameOf(address) ?? address, port });
  const collect = async (): Promise<void> => {
    for (const [service, door] of doors)
      for (const { protocol, ...wanted } of await door.takeRefused()) refuse(service, protocol, wanted);
  };
  const pass = (socket: Socket, wanted: Wanted, { service, blockPrivate }: AttachOptions): void => {
    const onJoined = (host: string): void => {
      const entry = { socket, host };
      if (!allows(judge, host)) return void socket.destroy();
      passed.add(entry);
      socket.once('close', () => passed.delete(entry));
    };
    const onRefused = (host: string): void => refuse(service, 'tcp', { address: host, port: wanted.port });
    void passConnection(socket, wanted, { judge, book, lookup, blockPrivate, onJoined, onRefused });
  };
  return {
    get policy() {
      return now.policy;
    },
    enter: async (phase, next) => {
      await collect();
      begin(phase, next);
      for (const { socket, host } of passed) if (!allows(judge, host)) socket.destroy();
    },
    attach: async (owner, options) => {
      const { service, ownRanges } = options;
      const onConnection = (socket: Socket, wanted: Wanted): void => pass(socket, wanted, options);
      const names = { judge, book, lookup };
      doors.set(service, await openDoor(owner, tools, { ownRanges, names, onConnection }));
    },
    log: async () => {
      await collect();
      return { phases: [...phases], refused: [...refusals.refused], more_refused: refusals.more };
    },
    [Symbol.dispose]: () => {
      for (const door of doors.values()) door[Symbol.dispose]();
      for (const { socket } of passed) socket.destroy();
      doors.clear();
    },
  };
}

/** The judge of whichever policy is in force. */
function judgeOf(
  now: () => { readonly policy: NetworkPolicy; readonly judge: HostJudge },
): HostJudge & { readonly isOpen: boolean } {
  return {
    allowsName: (name) => now().judge.allowsName(name),
    allowsAddress: (address) => now().judge.allowsAddress(address),
    get isOpen() {
      return now().policy.mode === 'public';
    },
  };
}

/** Where a connection goes is a name, or an address. */
function allows(judge: HostJudge, host: string): boolean {
  return judge.allowsName(host) || judge.allowsAddress(host);
}
