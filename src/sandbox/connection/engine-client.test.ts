import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { EngineClient, type EngineCall } from './engine-client.js';

/** What podman 4.3 says when another image goes while it walks through all of them. */
const torn = {
  cause: 'image not known',
  message: 'reading image "3b9f": locating image with ID "3b9f": image not known',
  response: 500,
};

/** Asks an engine that answers so many calls with an error first; returns what came of it and how often it was asked. */
async function ask(method: EngineCall['method'], error: object, failures: number) {
  let calls = 0;
  const server = createServer((_, response) => {
    calls += 1;
    const fails = calls <= failures;
    response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(fails ? error : { ok: true }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new EngineClient({ host: '127.0.0.1', port, protocol: 'http' });
  const answer = await client
    .json({ method, path: '/images/a/json', what: 'look' }, z.object({ ok: z.boolean() }))
    .catch((reason: unknown) => String(reason));
  server.close();
  return { answer, calls };
}

test('a look that podman gave up because another image went is repeated, five times in all', async () => {
  expect(await ask('GET', torn, 2)).toEqual({ answer: { ok: true }, calls: 3 });
  const { answer, calls } = await ask('GET', torn, 9);
  expect([answer, calls]).toEqual([expect.stringContaining('locating image'), 5]);
});

test('an answer that is null is null, and not its bytes', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('null\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new EngineClient({ host: '127.0.0.1', port, protocol: 'http' });
  const call = { method: 'GET', path: '/containers/a/changes', what: 'look' } as const;
  expect(await client.json(call, z.array(z.string()).nullable())).toBeNull();
  server.close();
});

test('what is more than a look, or fails for another reason, is not', async () => {
  expect((await ask('POST', torn, 1)).calls).toBe(1);
  expect((await ask('GET', { message: 'no such image', response: 500 }, 1)).calls).toBe(1);
});
