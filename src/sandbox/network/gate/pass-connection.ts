import type { Socket } from 'node:net';
import { sleep } from '../../../base/deadline.js';
import { dial, NowhereError, type Lookup } from './dial.js';
import type { Wanted } from './gate-rules.js';
import type { HostJudge } from './judge-host.js';
import type { NameBook } from './name-book.js';
import { longestHello, saidName } from './said-name.js';

export interface Passing {
  readonly judge: HostJudge & { readonly isOpen: boolean };
  readonly book: NameBook;
  readonly lookup: Lookup;
  readonly blockPrivate: boolean;
  /** Both ends are joined, and the near one is to be ended when the host is not allowed any more. */
  readonly onJoined: (host: string) => void;
  /** The host that was refused, by name where one was said. */
  readonly onRefused: (host: string) => void;
}

/** How long a client is waited for that does not say first whom it means: of a name that is allowed, and of a mere address. */
const helloMs = { allowed: 300, address: 5_000 };

/**
 * Lets one connection of a sandbox through, or resets it. Where it goes is decided by what was judged, never by the address that the
 * sandbox gave beside an allowed name.
 */
export async function passConnection(client: Socket, wanted: Wanted, passing: Passing): Promise<void> {
  const { judge, book, onRefused } = passing;
  const { address, port } = wanted;
  const named = book.nameOf(address);
  const refuse = (host: string): void => {
    onRefused(host);
    client.resetAndDestroy();
  };
  if (named !== null && !judge.allowsName(named)) {
    refuse(named);
    return;
  }
  const said = { bytes: Buffer.alloc(0), isOver: true };
  if (judge.isOpen || (named === null && judge.allowsAddress(address)))
    return join(client, { host: named ?? address, port, ...said }, passing);
  const hello = await readHello(client, named === null ? helloMs.address : helloMs.allowed);
  const isOther = hello.name !== null && !judge.allowsName(hello.name);
  const host = named ?? hello.name;
  if (isOther || host === null) {
    refuse(hello.name === null || hello.name === '' ? address : hello.name);
    return;
  }
  return join(client, { host, port, ...hello }, passing);
}

/** Connects both ends. The near one is reset when the far one cannot be reached. */
async function join(
  client: Socket,
  { host, port, bytes, isOver }: Omit<Hello, 'name'> & { readonly host: string; readonly port: number },
  { judge, lookup, blockPrivate, onJoined, onRefused }: Passing,
): Promise<void> {
  try {
    const far = await dial({ host, port }, { blockPrivate, lookup });
    const end = (): void => {
      client.destroy();
      far.destroy();
    };
    for (const socket of [client, far]) socket.on('error', end).on('close', end);
    if (client.destroyed) end();
    onJoined(host);
    far.pipe(client);
    // What was not said within the time is judged when it comes.
    const late = isOver ? { name: null, bytes } : await readHello(client, null);
    if (late.name !== null && !judge.allowsName(late.name)) {
      onRefused(late.name);
      end();
      return;
    }
    if (late.bytes.length > 0) far.write(late.bytes);
    client.pipe(far);
  } catch (error) {
    if (error instanceof NowhereError) onRefused(host);
    client.resetAndDestroy();
  }
}

interface Hello {
  readonly name: string | null;
  /** Whether the client has said what it says first. */
  readonly isOver: boolean;
  readonly bytes: Buffer;
}

/** What the client says first; null as a limit waits for as long as the connection lives. */
async function readHello(client: Socket, limitMs: number | null): Promise<Hello> {
  let bytes = Buffer.alloc(0);
  const done = new AbortController();
  const late = limitMs === null ? null : sleep(limitMs, done.signal).catch(() => undefined);
  try {
    for (;;) {
      const chunk = (client.read() as Buffer | null) ?? null;
      if (chunk !== null) bytes = Buffer.concat([bytes, chunk]);
      const said = saidName(bytes);
      if (said.kind === 'name') return { name: said.name, isOver: true, bytes };
      if (said.kind === 'none' || bytes.length > longestHello || client.readableEnded || client.destroyed)
        return { name: null, isOver: true, bytes };
      const readable = waitForMore(client);
      const isLate = await Promise.race([
        readable.then(() => false),
        ...(late === null ? [] : [late.then(() => true)]),
      ]);
      if (isLate) return { name: null, isOver: false, bytes };
    }
  } finally {
    done.abort();
  }
}

function waitForMore(client: Socket): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close', 'error'] as const;
    const more = (): void => {
      for (const event of events) client.off(event, more);
      resolve();
    };
    for (const event of events) client.on(event, more);
  });
}
