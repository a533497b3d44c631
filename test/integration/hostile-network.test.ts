import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { hostAddresses } from '../../src/sandbox/network/host-addresses.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { openTestEngine, openTestSandbox } from './engine.js';
import { podman, startUnguarded } from './podman.js';

const soon = { timeoutMs: 20_000 };
const network = `tbench-test-${process.pid}`;
let engine: ContainerEngine;
let server: Server;
let port: number;

beforeAll(async () => {
  engine = await openTestEngine();
  // As a model server listens by default: on every interface.
  server = createServer((socket) => socket.end('the host answers\n')).listen(0, '::');
  await once(server, 'listening');
  port = (server.address() as { port: number }).port;
});
afterAll(async () => {
  server.close();
  await podman('network', 'rm', '-f', network).catch(() => undefined);
  await engine[Symbol.asyncDispose]();
});

/** What a sandbox reads from an address, or the reason it reads nothing. */
async function ask(sandbox: Sandbox, address: string, atPort = port): Promise<string> {
  const script = `timeout 3 bash -c 'cat < /dev/tcp/${address}/${atPort}' 2>&1; echo "code $?"`;
  return (await sandbox.run(script, soon)).output.head;
}

const gateway = async (sandbox: Sandbox): Promise<string> => {
  const { output } = await sandbox.run(`awk '$2 == "00000000" { print $3; exit }' /proc/net/route`, soon);
  const bytes = (output.head.trim().match(/../g) ?? []).map((digits) => parseInt(digits, 16));
  return bytes.reverse().join('.');
};

describe('a sandbox with a network', () => {
  it("reaches no address of the host, the bridge's gateway included, and says so in its limits", async () => {
    await using sandbox = await openTestSandbox(engine, { network: 'public' });
    expect(sandbox.limits).toMatchObject({ reach: 'no-host', warnings: [] });
    const addresses = [await gateway(sandbox), ...(await hostAddresses())];
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) {
      const said = await ask(sandbox, address);
      expect(said, address).not.toContain('the host answers');
      expect(said, address).toMatch(/refused|denied|unreachable|No route|code 1/i);
    }
    expect(await ask(sandbox, '169.254.169.254', 80)).toMatch(/refused|denied|unreachable/i);
  });

  it('still resolves names', async () => {
    await using sandbox = await openTestSandbox(engine, { network: 'public' });
    const { output } = await sandbox.run(
      `server=$(awk '/^nameserver/ { print $2; exit }' /etc/resolv.conf); timeout 3 bash -c "exec 3<>/dev/udp/$server/53; echo >&3 && echo sent"`,
      soon,
    );
    expect(output.head).toContain('sent');
  });

  it('is let through to port 53 of its resolver and of no other address of the host', async () => {
    await using sandbox = await openTestSandbox(engine, { network: 'public' });
    const { output } = await sandbox.run("awk '/^nameserver/ { print $2 }' /etc/resolv.conf", soon);
    const others = [...(await hostAddresses())].filter(
      (address) => !address.includes(':') && !output.head.split('\n').includes(address),
    );
    expect(others.length).toBeGreaterThan(0);
    for (const address of others)
      expect(await ask(sandbox, address, 53), address).toMatch(/refused|denied|unreachable|No route/i);
    // A service that listens on that port of the host would be the way around: the rule is what refuses.
    expect(await ask(sandbox, '169.254.169.254', 53)).toMatch(/refused|denied|unreachable/i);
  });

  it('reaches another container of its network, and not the host through a network that came later', async () => {
    await using sandbox = await openTestSandbox(engine, { network: 'public' });
    await using other = await openTestSandbox(engine, { network: 'public' });
    const address = (
      await other.run("awk '/32 host/ { print f } { f = $2 }' /proc/net/fib_trie | grep -v ^127", soon)
    ).output.head.split('\n')[0]!;
    await other.run(
      `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalPort => 7000, ReuseAddr => 1); if (!fork) { while ($c = $s->accept) { print $c "neighbour"; close $c } }' > /dev/null 2>&1 &`,
      soon,
    );
    await expect.poll(() => ask(sandbox, address, 7000), { timeout: 10_000 }).toContain('neighbour');

    const before = await hostAddresses();
    await podman('network', 'create', network);
    const container = await startUnguarded(network);
    try {
      const later = [...(await hostAddresses())].find((one) => !before.has(one) && !one.includes(':'))!;
      // Not tbench's container: it shows that the server can be reached where nothing is blocked.
      const script = `timeout 3 cat < /dev/tcp/${later}/${port}`;
      expect(await podman('exec', container, 'bash', '-c', script)).toBe('the host answers');
      await expect
        .poll(() => ask(sandbox, later), { timeout: 10_000 })
        .toMatch(/refused|denied|unreachable/i);
    } finally {
      await podman('rm', '-f', '-t', '0', container);
    }
  });

  it('reaches no private range where that was asked for', async () => {
    await using sandbox = await openTestSandbox(engine, { network: 'public', blockPrivate: true });
    expect(sandbox.limits).toMatchObject({ reach: 'no-private', warnings: [] });
    for (const address of ['10.88.0.9', '172.16.3.4', '192.168.77.1'])
      expect(await ask(sandbox, address, 80)).toMatch(/refused|denied|unreachable/i);
  });

  it('cannot take the rules away as root', async () => {
    await using sandbox = await openTestSandbox(engine, { network: 'public' });
    expect(sandbox.limits.capabilities).not.toContain('CAP_NET_ADMIN');
    await sandbox.run('unshare -Urn true; ip link set lo down; iptables -F; nft flush ruleset', soon);
    expect(await ask(sandbox, await gateway(sandbox))).not.toContain('the host answers');
  });
});
