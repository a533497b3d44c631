import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What an engine was asked: `DELETE /containers/a`, without the version of the API and the query. */
export type EngineAnswers = (
  request: string,
  sent: string,
) => { readonly status: number; readonly body: unknown } | null;

export interface FakeEngine extends AsyncDisposable {
  readonly socket: string;
  readonly asked: readonly string[];
}

const recorded: Readonly<Record<string, unknown>> = {
  'GET /version': { Version: '4.3.1', Components: [{ Name: 'Podman Engine' }] },
  'GET /info': { NCPU: 2, MemTotal: 2 ** 32, CgroupVersion: '2', DefaultRuntime: 'crun' },
  'GET /containers/json': [],
  'GET /images/json': [],
  'GET /networks': [],
  'GET /volumes': { Volumes: [] },
};

/** An engine that answers what podman 4.3 was recorded to, or what the test says; 404 to all else. */
export async function openFakeEngine(answers: EngineAnswers = () => null): Promise<FakeEngine> {
  const dir = await mkdtemp(join(tmpdir(), 'fake-engine-'));
  const asked: string[] = [];
  const requestOf = ({ method = '', url = '' }: IncomingMessage): string =>
    `${method} ${url
      .replace(/^\/v[\d.]+/, '')
      .replace(/^\/libpod/, '')
      .replace(/\?.*$/, '')}`;
  const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const sent = await text(message);
    const request = requestOf(message);
    asked.push(request);
    if (request.endsWith('/_ping')) return void response.end('OK');
    const known = request in recorded ? { status: 200, body: recorded[request] } : null;
    const { status, body } = answers(request, sent) ??
      known ?? { status: 404, body: { message: `nothing is known of ${request}` } };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const server = createServer((message, response) => void answer(message, response));
  const socket = join(dir, 'engine.sock');
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
