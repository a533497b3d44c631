import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostJudge } from './judge-host.js';
import { openNameBook } from './name-book.js';
import { passConnection } from './pass-connection.js';

/** Where a sandbox's connections arrive; who they meant is in the test's hands. */
let near: Server;
let refused: string[];
let looked: string[];
beforeEach(async () => {
  [refused, looked] = [[], []];
  near = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(near, 'listening');
});
afterEach(() => void near.close());

/** What becomes of words said to `address` under an allowlist of one name and one range; every name is this machine. */
async function send(words: string, address: string, book = openNameBook()): Promise<string> {
  const accepted = once(near, 'connection') as Promise<[Socket]>;
  const client = connect((near.address() as AddressInfo).port, '127.0.0.1');
  const ended = new Promise<string>((resolve) => {
    client
      .once('close', () => resolve('closed'))
      .on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? ''));
  });
  client.write(words);
  const [socket] = await accepted;
  socket.on('error', () => undefined);
  await passConnection(
    socket,
    { address, port: 443 },
    {
      judge: {
        ...hostJudge({ mode: 'allowlist', allowedHosts: ['good.example', '127.0.0.0/8'] }),
        isOpen: false,
      },
      book,
      lookup: (name) => {
        looked.push(name);
        return Promise.resolve([
          { address: '127.0.0.1' },
          { address: '::ffff:127.0.0.1' },
          { address: '169.254.169.254' },
        ]);
      },
      blockPrivate: false,
      onJoined: () => undefined,
      onRefused: (host) => refused.push(host),
    },
  );
  client.resume();
  return ended;
}

test('an allowed name said to another address is led to the name, and never to this machine', async () => {
  expect(await send('GET / HTTP/1.1\r\nHost: good.example\r\n\r\n', '192.0.2.66')).toBe('ECONNRESET');
  expect([looked, refused]).toEqual([['good.example'], ['good.example']]);
});

test('a range that holds this machine does not open it', async () => {
  expect(await send('x', '127.0.0.1')).toBe('ECONNRESET');
  expect(refused).toEqual(['127.0.0.1']);
});

test('a name that was looked up is held against what is said', async () => {
  const book = openNameBook();
  const address = book.addressOf('good.example')!;
  expect(await send('GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n', address, book)).toBe('ECONNRESET');
  expect([looked, refused]).toEqual([[], ['bad.example']]);
});

test.each([
  ['another name', 'GET / HTTP/1.1\r\nHost: bad.example\r\n\r\n', 'bad.example'],
  ['two names', 'GET / HTTP/1.1\r\nHost: good.example\r\nHost: bad.example\r\n\r\n', '192.0.2.66'],
  ['no name', 'SSH-2.0-client\r\n', '192.0.2.66'],
])('a bare address with %s is refused', async (_what, words, host) => {
  expect(await send(words, '192.0.2.66')).toBe('ECONNRESET');
  expect([looked, refused]).toEqual([[], [host]]);
});

test.each([
  ['CONNECT bad.example:443 HTTP/1.1\r\nHost: bad.example:443\r\n\r\n', 'bad.example'],
  ['CONNECT bad.example:443 HTTP/1.1\r\nHost: good.example\r\n\r\n', '198.18.0.1'],
  ['CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n', '127.0.0.1'],
  ['GET http://bad.example/ HTTP/1.1\r\nHost: good.example\r\n\r\n', '198.18.0.1'],
])('an allowed proxy is not told of others: %j', async (words, host) => {
  const book = openNameBook();
  expect(await send(words, book.addressOf('good.example')!, book)).toBe('ECONNRESET');
  expect([looked, refused]).toEqual([[], [host]]);
});

test('a name that is not allowed is refused before a word', async () => {
  const book = openNameBook();
  expect(await send('', book.addressOf('bad.example')!, book)).toBe('ECONNRESET');
  expect(refused).toEqual(['bad.example']);
});
