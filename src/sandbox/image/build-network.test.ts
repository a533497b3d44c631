import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { EngineClient } from '../connection/engine-client.js';
import type { EngineInfo } from '../container-engine.js';
import { noNetworkGuard } from '../network/network-guard.js';
import { openBuildNetwork } from './build-network.js';

const dir = mkdtempSync(join(tmpdir(), 'build-network-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('an engine that never answers holds nobody who is cancelled', async () => {
  const cancel = new AbortController();
  const server = createServer((request, response) => {
    // What is removed afterwards is gone already.
    if (request.method === 'DELETE') response.writeHead(404).end('{}');
    else cancel.abort(new Error('cancelled'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    const client = new EngineClient({ host: '127.0.0.1', port, protocol: 'http' });
    const info = { name: 'podman' } as EngineInfo;
    const engine = { client, info, isLocal: true, guard: noNetworkGuard('none'), dir };
    await expect(openBuildNetwork(engine, cancel.signal)).rejects.toThrow('cancelled');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
