import { createServer, type Server } from 'node:net';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkPolicy } from '../../src/record/network-policy.js';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import type { Environment } from '../../src/sandbox/environment.js';
import { hostAddresses } from '../../src/sandbox/network/host-addresses.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { baseImage, openTestEngine, testSpec } from './engine.js';
import { podman, startUnguarded } from './podman.js';

const soon = { timeoutMs: 20_000 };
const closed: NetworkPolicy = { mode: 'no-network', allowedHosts: [] };
let engine: ContainerEngine;
/** What stands for the internet: a container of podman's own that this machine reaches, and that answers with what it was told. */
let elsewhere: string;
let address: string;
let host: Server;
let hostPort: number;

beforeAll(async () => {
  engine = await openTestEngine();
  elsewhere = await startUnguarded('bridge');
  address = (await podman('inspect', '-f', '{{.NetworkSettings.IPAddress}}', elsewhere)).trim();
  const server = `for port in 80 7000; do perl -MIO::Socket::INET -e '$SIG{CHLD} = "IGNORE"; $s = IO::Socket::INET->new(Listen => 9, LocalPort => $ARGV[0], ReuseAddr => 1);
    while ($c = $s->accept) { next if fork; print $c "welcome\\n" if $ARGV[0] == 7000; while (<$c>) { print $c "heard $_" } exit }' $port > /dev/null 2>&1 & done; sleep 0.5`;
  await podman('exec', elsewhere, 'bash', '-c', server);
  host = createServer((socket) => socket.end('the host answers\n')).listen(0, '::');
  await once(host, 'listening');
  hostPort = (host.address() as { port: number }).port;
}, 60_000);
afterAll(async () => {
  host.close();
  await podman('rm', '-f', '-t', '0', elsewhere);
  await engine[Symbol.asyncDispose]();
});

async function open(policy: NetworkPolicy): Promise<Environment> {
  const image = await engine.ensureImage(
    { reference: baseImage, buildContext: null, dockerfile: 'Dockerfile', buildTimeoutMs: 60_000 },
    { pull: 'never', forceBuild: false },
  );
  const { owner, ...main } = testSpec(image.id);
  return engine.createEnvironment({ network: 'none', policy, owner, main });
}

const say = async (sandbox: Sandbox, to: string, port: number, words: string): Promise<string> => {
  const script = `timeout 8 bash -c 'exec 3<>/dev/tcp/${to}/${port} && printf "${words}" >&3 && timeout 2 cat <&3' 2>&1`;
  return (await sandbox.run(script, soon)).output.head;
};

describe('an environment with an allowlist', () => {
  it('lets what is on it through, by address and range, and refuses and logs the rest', async () => {
    await using environment = await open({ mode: 'allowlist', allowedHosts: [`${address}/32`] });
    const { main } = environment;
    expect(main.limits).toMatchObject({ reach: 'policy', warnings: [] });
    expect(await say(main, address, 7000, 'hello\\n')).toBe('welcome\nheard hello\n');
    expect(await say(main, address, 80, 'GET / HTTP/1.1\\r\\nHost: other.example\\r\\n\\r\\n')).toContain(
      'heard GET',
    );
    expect(await say(main, '192.0.2.1', 443, 'x')).not.toContain('heard');
    expect(await say(main, 'pastebin.example', 8443, 'x')).not.toContain('heard');
    await main.run('echo x > /dev/udp/192.0.2.7/4500', soon);
    for (const one of await hostAddresses())
      expect(await say(main, one, hostPort, ''), one).not.toContain('the host answers');
    const { phases, refused } = await environment.network!.log();
    expect(phases).toMatchObject([{ phase: 'environment', mode: 'allowlist' }]);
    expect(refused).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ service: 'main', host: '192.0.2.1', port: 443, protocol: 'tcp', count: 1 }),
        expect.objectContaining({ host: 'pastebin.example', port: 8443 }),
        expect.objectContaining({ host: '192.0.2.7', port: 4500, protocol: 'udp' }),
      ]),
    );
  });

  it('is changed from phase to phase, and what a phase does not allow is cut', async () => {
    await using environment = await open({ mode: 'public', allowedHosts: [] });
    const { main, network } = environment;
    expect(await say(main, address, 7000, '')).toContain('welcome');
    await main.run(
      `exec 3<>/dev/tcp/${address}/7000; (cat <&3 >/tmp/heard; echo over >>/tmp/heard) & sleep 0.3`,
      soon,
    );
    await network!.enter('agent', closed);
    expect((await main.run('sleep 0.5; cat /tmp/heard', soon)).output.head).toBe('welcome\nover\n');
    expect(await say(main, address, 7000, '')).not.toContain('welcome');
    await network!.enter('verifier', { mode: 'public', allowedHosts: [] });
    expect(await say(main, address, 7000, '')).toContain('welcome');
    const { refused } = await network!.log();
    expect(refused).toMatchObject([{ phase: 'agent', host: address, port: 7000 }]);
  });

  it('stays closed when its rules are gone', async () => {
    await using environment = await open(closed);
    const { main } = environment;
    await main.run('(command -v nft iptables ip || true) 2>&1', soon);
    expect(main.limits.capabilities).not.toContain('CAP_NET_ADMIN');
    expect((await main.run('cat /proc/net/dev | grep -c :', soon)).output.head.trim()).toBe('1');
    const id = (await main.run('cat /etc/hostname', soon)).output.head.trim();
    const pid = await podman('inspect', '-f', '{{.State.Pid}}', id);
    const inside = (...argv: string[]): Promise<unknown> =>
      promisify(execFile)('nsenter', ['-n', '-t', pid, ...argv]);
    await inside('nft', 'flush', 'ruleset');
    expect(await inside('nft', 'list', 'ruleset')).toMatchObject({ stdout: '' });
    for (const one of [address, ...(await hostAddresses())])
      expect(await say(main, one, one === address ? 7000 : hostPort, ''), one).not.toMatch(
        /welcome|the host answers/,
      );
  });
});
