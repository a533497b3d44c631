import { describe, expect, it } from 'vitest';
import { engineAddress, engineCandidates } from './engine-socket.js';

describe('engineCandidates', () => {
  it('lets --engine win over CONTAINER_HOST, and that over DOCKER_HOST', () => {
    const env = { CONTAINER_HOST: 'unix:///c.sock', DOCKER_HOST: 'tcp://d:2375' };
    const named = engineCandidates({ engine: '/e.sock', env, uid: 0 });
    expect(named).toEqual([{ url: 'unix:///e.sock', origin: '--engine', isExplicit: true }]);
    expect(engineCandidates({ engine: undefined, env, uid: 0 })[0]?.url).toBe('unix:///c.sock');
    expect(engineCandidates({ engine: undefined, env: { DOCKER_HOST: 'tcp://d:2375' }, uid: 0 })).toEqual([
      { url: 'tcp://d:2375', origin: 'DOCKER_HOST', isExplicit: true },
    ]);
  });

  it('looks at the rootless podman socket first when nobody names one, and treats empty variables as unset', () => {
    const env = { XDG_RUNTIME_DIR: '/run/user/7', DOCKER_HOST: '' };
    const urls = engineCandidates({ engine: undefined, env, uid: 7 }).map(({ url }) => url);
    expect(urls).toEqual([
      'unix:///run/user/7/podman/podman.sock',
      'unix:///run/podman/podman.sock',
      'unix:///var/run/docker.sock',
      'unix:///run/user/7/docker.sock',
    ]);
  });
});

describe('engineAddress', () => {
  it.each([
    ['unix:///run/x.sock', { socketPath: '/run/x.sock' }],
    ['tcp://box:2375', { protocol: 'http', host: 'box', port: 2375 }],
    ['tcp://box', { protocol: 'http', host: 'box', port: 2375 }],
    ['ssh://me@box:2222', { protocol: 'ssh', host: 'box', port: 2222, username: 'me' }],
  ])('reads %s', (url, address) => {
    expect(engineAddress(url, {})).toEqual(address);
  });

  it.each(['ftp://x', 'http//x'])('refuses %s with the spellings that work', (url) => {
    expect(() => engineAddress(url, {})).toThrow(/engine address/);
  });
});
