import { chmod, mkdtemp, rename, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { openDeadline } from '../../base/deadline.js';
import { parseJson } from '../../base/json-value.js';
import {
  controlCommandSchema,
  type ControlAnswer,
  type ControlCommand,
} from '../../record/control-command.js';
import { privateModes } from '../../results/private-modes.js';
import { readLine } from './read-line.js';
import { openSocketAddress } from './socket-address.js';

/** A thousand trials' names fit. */
const maxCommandBytes = 512 * 1024;
/** A command takes no longer to arrive; whoever connects and says nothing is let go. */
const commandLimitMs = 5_000;
const mostConnections = 8;

/**
 * Takes commands at the socket `path` until disposed: one a connection, a line of JSON, answered by another. Only the
 * owner of the job folder can connect. The caller holds the job's lock; a socket that a dead process left is replaced.
 */
export async function openControlSocket(
  { dir, control: path }: { readonly dir: string; readonly control: string },
  apply: (command: ControlCommand) => ControlAnswer,
): Promise<AsyncDisposable> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    void answer(socket, apply);
  });
  server.maxConnections = mostConnections;
  // Nobody can connect before the socket is the owner's alone: it gets its name when it is.
  const room = await mkdtemp(join(dir, '.control-'));
  try {
    await using at = await openSocketAddress(room, 's');
    await listen(server, at.address);
    await chmod(join(room, 's'), privateModes.file);
    await rename(join(room, 's'), path);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(room, { recursive: true, force: true });
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await rm(path, { force: true });
      for (const socket of connections) socket.destroySoon();
      server.close();
    },
  };
}

async function answer(socket: Socket, apply: (command: ControlCommand) => ControlAnswer): Promise<void> {
  using limit = openDeadline(commandLimitMs);
  const line = await readLine(socket, { maxBytes: maxCommandBytes, signal: limit.signal });
  if (line !== null) socket.end(`${JSON.stringify(answerTo(line, apply))}\n`);
  socket.destroySoon();
}

function answerTo(line: string, apply: (command: ControlCommand) => ControlAnswer): ControlAnswer {
  const command = controlCommandSchema.safeParse(parseJson(line));
  if (!command.success) return { done: false, text: 'this is no command that the job knows' };
  const { done, text } = apply(command.data);
  return { done, text: text.slice(0, 5_000) };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      // A connection that could not be taken is its caller's loss, not the job's.
      server.on('error', () => undefined);
      resolve();
    });
  });
}
