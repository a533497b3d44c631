import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { authFiles, findCredentials } from './registry-auth.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'auth-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

const encoded = (text: string): string => Buffer.from(text).toString('base64');

async function authFile(content: object): Promise<string> {
  const path = join(dir, 'auth.json');
  await writeFile(path, JSON.stringify(content));
  return path;
}

describe('authFiles', () => {
  it('reads only the file that REGISTRY_AUTH_FILE names', () => {
    expect(authFiles({ REGISTRY_AUTH_FILE: '/a.json', HOME: '/h' }, 1000)).toEqual(['/a.json']);
  });

  it("looks at podman's files before docker's", () => {
    expect(authFiles({ HOME: '/h', XDG_RUNTIME_DIR: '/run/user/1000' }, 1000)).toEqual([
      '/run/user/1000/containers/auth.json',
      '/h/.config/containers/auth.json',
      '/h/.docker/config.json',
    ]);
  });
});

describe('findCredentials', () => {
  it("finds Docker Hub under docker's name for it, a colon in the password included", async () => {
    const file = await authFile({
      auths: { 'https://index.docker.io/v1/': { auth: encoded('me:se:cret') } },
    });
    expect(await findCredentials('docker.io/library/ubuntu', [file])).toEqual({
      username: 'me',
      password: 'se:cret',
      serveraddress: 'docker.io',
    });
  });

  it('prefers the more specific entry', async () => {
    const auths = { 'ghcr.io': { auth: encoded('a:1') }, 'ghcr.io/team': { auth: encoded('b:2') } };
    const file = await authFile({ auths });
    expect((await findCredentials('ghcr.io/team/image', [file]))?.username).toBe('b');
    expect((await findCredentials('ghcr.io/other/image', [file]))?.username).toBe('a');
  });

  it('is anonymous for registries it does not know, and past files that are missing or damaged', async () => {
    const damaged = join(dir, 'damaged.json');
    await writeFile(damaged, '{');
    const file = await authFile({ auths: { 'ghcr.io': { auth: encoded('a:1') } } });
    expect(await findCredentials('quay.io/x/y', [join(dir, 'none'), damaged, file])).toBeNull();
    expect((await findCredentials('ghcr.io/x', [join(dir, 'none'), damaged, file]))?.username).toBe('a');
  });

  it('asks the credential helper that the file names', async () => {
    const helper = join(dir, 'docker-credential-test');
    await writeFile(
      helper,
      '#!/bin/sh\nread -r host\nprintf \'{"Username":"helped","Secret":"%s"}\' "$host"\n',
    );
    await chmod(helper, 0o755);
    vi.stubEnv('PATH', `${dir}${delimiter}${process.env['PATH'] ?? ''}`);
    const file = await authFile({ auths: { 'ghcr.io': {} }, credsStore: 'test' });
    expect(await findCredentials('ghcr.io/x', [file])).toEqual({
      username: 'helped',
      password: 'ghcr.io',
      serveraddress: 'ghcr.io',
    });
  });
});
