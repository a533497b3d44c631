// Run by Node in a sandbox's network namespace, with the host's files: opens sockets on its loopback, hands them to the process
// that started it, which is outside, and ends.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';

/** @param {'4' | '6'} family */
async function open(family) {
  const host = family === '4' ? '127.0.0.1' : '::1';
  const server = createServer();
  const socket = createSocket({ type: `udp${family}` });
  try {
    await once(server.listen({ host, port: 0 }), 'listening');
    socket.bind({ address: host, port: 0 });
    await once(socket, 'listening');
  } catch (error) {
    if (family === '4') throw error;
    return;
  }
  process.send?.({ name: `tcp${family}`, port: server.address().port }, server);
  process.send?.({ name: `udp${family}`, port: socket.address().port }, socket);
}

process.once('disconnect', () => process.exit());
await open('4');
await open('6');
process.send?.({ name: 'done' });
