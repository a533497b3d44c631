import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { expect, test } from 'vitest';
import { EnvironmentError } from '../../base/errors.js';
import { parseServerAddress } from '../wire/server-address.js';
import { preflight } from './preflight.js';
import { unreachable } from './unreachable.js';

const request = { model: 'org/m', unusedProxies: [] };

async function reach(baseUrl: string): Promise<EnvironmentError> {
  const error: unknown = await preflight({
    ...request,
    baseUrls: [baseUrl],
    apiKey: null,
    tool: null,
    sampling: {},
    neededTokens: 1,
    recovers: false,
    signal: new AbortController().signal,
  }).catch((reason: unknown) => reason);
  if (error instanceof EnvironmentError) return error;
  throw new Error(`no such error: ${String(error)}`);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a certificate that nobody signed is named, and the variable that makes it trusted, against a real server', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'tbench-tls-'));
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...made, ...subject], { stdio: 'pipe' });
  const options = { key: await readFile(key), cert: await readFile(cert) };
  const server = createHttpsServer(options, (_request, response) => response.end('{"data":[]}'));
  const error = await reach(`https://127.0.0.1:${await listening(server)}/v1`);
  server.close();
  await rm(dir, { recursive: true, force: true });
  expect(error.message).toContain('is not trusted');
  expect(error.hint).toContain('NODE_EXTRA_CA_CERTS=');
});

test('TLS spoken to a plain server is named, and so is the plain scheme', async () => {
  const server = createHttpServer();
  const port = await listening(server);
  const error = await reach(`https://127.0.0.1:${port}/v1`);
  server.close();
  expect(error.message).toContain(`127.0.0.1:${port} does not speak TLS`);
  expect(error.hint).toContain('Use http://');
});

test('plain HTTP spoken to a TLS server is named, and so is the other scheme', async () => {
  const server = createTlsServer({});
  server.on('tlsClientError', () => undefined);
  const port = await listening(server);
  const error = await reach(`http://127.0.0.1:${port}/v1`);
  server.close();
  expect(error.message).toContain('does not answer in plain HTTP');
  expect(error.hint).toContain('https://');
});

test.each([
  ['ENOTFOUND', "the model server's host gpu7 is unknown", 'Check the name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the certificate of gpu7:8443 is not trusted', 'NODE_EXTRA_CA_CERTS='],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the certificate of gpu7:8443 is not trusted', 'NODE_EXTRA_CA_CERTS='],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the certificate of gpu7:8443 is not trusted', 'NODE_EXTRA_CA_CERTS='],
  [
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'the certificate of gpu7:8443 is not trusted',
    'NODE_EXTRA_CA_CERTS=',
  ],
  ['CERT_HAS_EXPIRED', 'the certificate of gpu7:8443 is not valid now', 'Renew'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'made out to another name', 'name of the certificate'],
  ['EHOSTUNREACH', 'the network does not lead to gpu7:8443', 'firewalls'],
  ['ECONNREFUSED', 'no model server answers at https://gpu7:8443/v1', 'tbench serve org/m --exec'],
])('%s is told as its cause, with what mends it', (code, what, mend) => {
  const address = parseServerAddress('https://gpu7:8443/v1', null);
  const error = unreachable(address, { kind: 'connection', code, message: 'as Node says' }, request);
  expect(error.message).toContain(what);
  expect(error.hint).toContain(mend);
  expect(error.message.includes('as Node says')).toBe(code !== 'ECONNREFUSED');
});

test('proxy variables that are set are named as not used', () => {
  const address = parseServerAddress('http://gpu7/v1', null);
  const facts = { kind: 'connection', code: 'ETIMEDOUT', message: '' } as const;
  const { hint } = unreachable(address, facts, { ...request, unusedProxies: ['HTTPS_PROXY', 'http_proxy'] });
  expect(hint).toContain('HTTPS_PROXY and http_proxy are set and not used');
});
