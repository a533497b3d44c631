import { Socket as UdpSocket } from 'node:dgram';
import type { ChildProcess } from 'node:child_process';
import { Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startInside, type NetworkOwner } from '../inside-network.js';
import type { GatePorts } from './gate-rules.js';

/** Sockets of this process that listen on a sandbox's loopback. */
export interface InsideSockets extends Disposable {
  readonly ports: GatePorts;
  readonly servers: readonly Server[];
  readonly resolvers: readonly UdpSocket[];
}

interface Message {
  readonly name: 'tcp4' | 'udp4' | 'tcp6' | 'udp6' | 'done';
  readonly port?: number;
}

const program = fileURLToPath(new URL('./listen-inside.js', import.meta.url));
const preparation =
  'ip route replace default dev lo src 127.0.0.1 && { ip -6 route replace default dev lo src ::1 || true; }';

/**
 * Opens them: a socket belongs to the network that it was made in, whoever holds it. Every address is given a route first, which
 * leads nowhere but shows what is wanted. Returns why that could not be done as text.
 */
export async function openSocketsInside(
  owner: NetworkOwner,
  tools: { readonly nsenter: string; readonly ip: string },
): Promise<InsideSockets | string> {
  const shell = preparation.replaceAll('ip ', `'${tools.ip}' `);
  const argv = ['/bin/sh', '-c', `${shell} && exec "$0" "$1"`, process.execPath, program];
  const stdio = ['ignore', 'ignore', 'pipe', 'ipc'] as const;
  return startInside(owner, { nsenter: tools.nsenter, argv, stdio }, receive);
}

async function receive(child: ChildProcess): Promise<InsideSockets> {
  const servers: Server[] = [];
  const resolvers: UdpSocket[] = [];
  const ports = new Map<string, number>();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-500)));
  const close = (): void => {
    for (const server of servers) server.close();
    for (const resolver of resolvers) resolver.close();
  };
  const isDone = await new Promise<boolean>((resolve) => {
    child.on('message', ({ name, port = 0 }: Message, handle) => {
      if (handle instanceof Server) servers.push(handle);
      else if (handle instanceof UdpSocket) resolvers.push(handle);
      if (name === 'done') resolve(true);
      else ports.set(name, port);
    });
    child.once('close', () => resolve(false));
  });
  if (child.connected) child.disconnect();
  const [tcp4, udp4] = [ports.get('tcp4'), ports.get('udp4')];
  if (!isDone || tcp4 === undefined || udp4 === undefined) {
    close();
    throw new Error(`no sockets inside: ${said.trim().split('\n').at(-1) ?? ''}`);
  }
  return {
    ports: { tcp4, udp4, tcp6: ports.get('tcp6') ?? null, udp6: ports.get('udp6') ?? null },
    servers,
    resolvers,
    [Symbol.dispose]: close,
  };
}
