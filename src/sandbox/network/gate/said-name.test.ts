import type { connect as netConnect } from 'node:net';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { saidName } from './said-name.js';

/** What a real TLS client says first. */
async function clientHello(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[ReturnType<typeof netConnect>]>;
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', servername });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

test('the server name of a TLS client is read, piece by piece and in small records', async () => {
  const hello = await clientHello('Files.Example.org');
  expect(saidName(hello)).toEqual({ kind: 'name', name: 'files.example.org' });
  for (const length of [1, 5, 40, hello.length - 1])
    expect(saidName(hello.subarray(0, length))).toEqual({ kind: 'unfinished' });
  const body = hello.subarray(5);
  const records = [body.subarray(0, 50), body.subarray(50)].map((part) =>
    Buffer.concat([Buffer.from([0x16, 3, 1, part.length >> 8, part.length & 255]), part]),
  );
  expect(saidName(Buffer.concat(records))).toEqual({ kind: 'name', name: 'files.example.org' });
});

test('a TLS client without a name says none', async () => {
  expect(saidName(await clientHello(''))).toEqual({ kind: 'none' });
});

test.each([
  ['GET / HTTP/1.1\r\nHost: A.example:8080\r\n\r\n', 'a.example'],
  ['CONNECT a.example:443 HTTP/1.1\r\nhost:a.example:443\r\n\r\n', 'a.example'],
  ['GET http://b.example/x HTTP/1.1\r\nHost: b.example\r\n\r\n', 'b.example'],
  ['GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n', ''],
  ['GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n', ''],
  ['GET / HTTP/1.0\r\n\r\n', ''],
])('of %j the host is %j', (text, name) => {
  expect(saidName(Buffer.from(text))).toEqual({ kind: 'name', name });
});

test('what is neither says none, whatever its bytes', () => {
  expect(saidName(Buffer.from('SSH-2.0-x\r\n'))).toEqual({ kind: 'none' });
  expect(saidName(Buffer.from([0x16, 3, 1, 0, 4, 1, 0, 0, 0]))).toEqual({ kind: 'none' });
  expect(saidName(Buffer.alloc(20_000, 0x16))).toEqual({ kind: 'none' });
  expect(saidName(Buffer.from(`GET /${'a'.repeat(20_000)}`))).toEqual({ kind: 'none' });
});
