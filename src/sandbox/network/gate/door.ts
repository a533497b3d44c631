import type { Socket } from 'node:net';
import { SandboxError } from '../../../base/errors.js';
import { applyRules } from '../apply-rules.js';
import { hostAddresses } from '../host-addresses.js';
import { runInside, type NetworkOwner } from '../inside-network.js';
import { answerNames } from './answer-names.js';
import { gateRules, readRefused, readWanted, type Wanted } from './gate-rules.js';
import type { GateTools } from './gate-tools.js';
import { openSocketsInside } from './open-sockets.js';

/** The way out of one sandbox. */
export interface Door extends Disposable {
  /** What was refused without a connection, such as UDP; each is told once. */
  takeRefused(): Promise<ReturnType<typeof readRefused>>;
}

const mostConnections = 512;
const listTable = ['list', 'table', 'inet', 'tbench_gate'];

/** Opens it in a sandbox that has no other. Throws SandboxError: a sandbox whose policy cannot be kept must not run. */
export async function openDoor(
  owner: NetworkOwner,
  tools: GateTools,
  options: {
    readonly ownRanges: readonly string[];
    readonly names: Parameters<typeof answerNames>[1];
    readonly onConnection: (client: Socket, wanted: Wanted) => void;
  },
): Promise<Door> {
  const sockets = await openSocketsInside(owner, tools);
  if (typeof sockets === 'string') throw cannot(sockets);
  const host = [...(await hostAddresses())].filter((address) => !address.includes(':'));
  const rules = gateRules(sockets.ports, { own: options.ownRanges, host });
  const refusal = await applyRules(owner, rules, tools);
  if (refusal !== null) {
    sockets[Symbol.dispose]();
    throw cannot(refusal);
  }
  const wantedFrom = wantedReader(owner, tools);
  let open = 0;
  // A sandbox that is kept must not keep this process.
  for (const socket of [...sockets.servers, ...sockets.resolvers]) socket.unref();
  for (const server of sockets.servers)
    server.on('connection', (client) => {
      client.on('error', () => undefined);
      open += 1;
      client.once('close', () => (open -= 1));
      if (open > mostConnections) return void client.resetAndDestroy();
      void wantedFrom(client.remotePort ?? 0).then((wanted) => {
        if (wanted === null) client.resetAndDestroy();
        else options.onConnection(client, wanted);
      });
    });
  for (const resolver of sockets.resolvers) answerNames(resolver, options.names);
  return {
    takeRefused: async () => {
      const flush = 'flush set inet tbench_gate refused4\nflush set inet tbench_gate refused6\n';
      const { nsenter, nft } = tools;
      const listed = await runInside(owner, { nsenter, argv: [nft, ...listTable], input: '' });
      // What could not be read is not thrown away: the next look has it.
      if (typeof listed === 'string') return [];
      await runInside(owner, { nsenter, argv: [nft, '-f', '-'], input: flush });
      return readRefused(listed.printed);
    },
    [Symbol.dispose]: () => sockets[Symbol.dispose](),
  };
}

function cannot(reason: string): SandboxError {
  return new SandboxError(`the sandbox's network policy cannot be kept: ${reason}`);
}

/** Looks up what a connection wanted. Those that come while a look is under way share the next. */
function wantedReader(
  owner: NetworkOwner,
  { nsenter, nft }: GateTools,
): (fromPort: number) => Promise<Wanted | null> {
  const look = async (): Promise<ReturnType<typeof readWanted>> => {
    const listed = await runInside(owner, { nsenter, argv: [nft, ...listTable], input: '' });
    return typeof listed === 'string' ? new Map() : readWanted(listed.printed);
  };
  let running: ReturnType<typeof look> | null = null;
  let next: ReturnType<typeof look> | null = null;
  return async (fromPort) => {
    next ??= (running ?? Promise.resolve()).then(() => {
      running = next;
      next = null;
      return look();
    });
    return (await next).get(fromPort) ?? null;
  };
}
