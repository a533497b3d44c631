import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { parseServerAddress } from '../wire/server-address.js';
import { parseServerLoad } from './metrics.js';
import { listModels } from './server-status.js';

test.each([
  [{ max_model_len: 65_536 }, 65_536],
  [{ meta: { n_ctx: 16_384, n_ctx_train: 32_768 } }, 16_384],
  [{ max_model_len: 0, meta: null }, null],
  [{ max_model_len: -1 }, null],
  [{}, null],
])('a model card with %j has room for %j tokens', async (card, expected) => {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ data: [{ id: 'm', ...card }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const address = parseServerAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, null);
    const models = await listModels(address, new AbortController().signal);
    expect(models.map(({ maxModelLen }) => maxModelLen)).toEqual([expected]);
  } finally {
    server.close();
  }
});

test('metrics of a server that repeats one name are read in a time that grows with their length', () => {
  const text = 'vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n'.repeat(150_000);
  expect(parseServerLoad(text)).toMatchObject({ running: 150_000, waiting: 0 });
});
