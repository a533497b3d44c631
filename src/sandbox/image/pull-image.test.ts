import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineClient } from '../connection/engine-client.js';
import { pullImage, withBackOff, type PullOptions } from './pull-image.js';

describe('withBackOff', () => {
  const limited = new Error('toomanyrequests: You have reached your pull rate limit');

  it('waits and tries again while the registry limits the rate', async () => {
    const said: string[] = [];
    let tries = 0;
    const options = {
      backOffMs: [1, 1, 1],
      signal: undefined,
      onProgress: (line: string) => void said.push(line),
    };
    await withBackOff('pull x', options, async () => {
      tries += 1;
      if (tries < 3) throw limited;
    });
    expect(tries).toBe(3);
    expect(said).toHaveLength(2);
  });

  it('gives up with the last error after the last wait', async () => {
    let tries = 0;
    const options = { backOffMs: [1, 1], signal: undefined, onProgress: () => undefined };
    const attempt = withBackOff('pull x', options, async () => {
      tries += 1;
      throw limited;
    });
    await expect(attempt).rejects.toBe(limited);
    expect(tries).toBe(3);
  });

  it('does not try again after any other error', async () => {
    let tries = 0;
    const options = { backOffMs: [1, 1], signal: undefined, onProgress: () => undefined };
    const attempt = withBackOff('pull x', options, async () => {
      tries += 1;
      throw new Error('manifest unknown');
    });
    await expect(attempt).rejects.toThrow('manifest unknown');
    expect(tries).toBe(1);
  });
});

describe('pullImage', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  let server: Server;
  let answers: Answer[];
  const requests: IncomingMessage[] = [];
  const lines: string[] = [];
  const says =
    (status: number, body: object): Answer =>
    (_, response) =>
      response.writeHead(status).end(JSON.stringify(body));

  beforeEach(async () => {
    requests.length = 0;
    lines.length = 0;
    server = createServer((request, response) => {
      requests.push(request);
      answers.shift()?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const options = (overrides: Partial<PullOptions> = {}): PullOptions => ({
    client: new EngineClient({
      protocol: 'http',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
    }),
    authFiles: [],
    backOffMs: [1, 1],
    onProgress: (line) => void lines.push(line),
    ...overrides,
  });

  it('waits out a rate limit, whether it comes as a status or in the progress', async () => {
    answers = [
      says(200, { error: 'toomanyrequests: You have reached your pull rate limit' }),
      says(500, { message: 'received unexpected HTTP status: 429 Too Many Requests' }),
      says(200, { status: 'Download complete' }),
    ];
    await pullImage('ubuntu:24.04', options());
    expect(requests.map(({ url }) => url)).toEqual(
      Array(3).fill('/images/create?fromImage=docker.io%2Flibrary%2Fubuntu%3A24.04'),
    );
    expect(lines.filter((line) => line.includes('limits the rate'))).toHaveLength(2);
  });

  it('is an image error with a hint when the limit does not lift', async () => {
    answers = [1, 2, 3].map(() => says(200, { error: 'toomanyrequests' }));
    const failure: unknown = await pullImage('x', options()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'image' });
    expect((failure as { hint: string }).hint).toMatch(/podman login/);
  });

  it("sends the credentials of the image's registry, and hints at them when they are refused", async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pull-'));
    const file = join(dir, 'auth.json');
    const auth = Buffer.from('me:secret').toString('base64');
    await writeFile(file, JSON.stringify({ auths: { 'ghcr.io': { auth } } }));
    answers = [says(500, { message: 'unauthorized: authentication required' })];
    const failure: unknown = await pullImage('ghcr.io/a/b:1', options({ authFiles: [file] })).catch(
      (error: unknown) => error,
    );
    await rm(dir, { recursive: true });
    const header = Buffer.from(String(requests[0]?.headers['x-registry-auth']), 'base64url').toString();
    expect(JSON.parse(header)).toMatchObject({ username: 'me', password: 'secret' });
    expect((failure as { hint: string }).hint).toMatch(/credentials were refused/);
    expect(String(failure)).not.toContain('secret');
  });

  it('stops at once when it is cancelled while the registry is silent', async () => {
    answers = [() => undefined];
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('stop it')), 50);
    await expect(pullImage('x', options({ signal: controller.signal }))).rejects.toThrow('stop it');
    server.closeAllConnections();
  });
});
