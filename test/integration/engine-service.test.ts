import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openContainerEngine, openOwnEngine } from '../../src/sandbox/open-engine.js';
import { identify, ownerState, type ProcessIdentity } from '../../src/base/process-identity.js';
import type { OpenedEngine } from '../../src/sandbox/engine.js';
import { openTestSandbox } from './engine.js';
import { podman } from './podman.js';

let runDir: string;
beforeEach(async () => {
  runDir = await mkdtemp(join(tmpdir(), 'service-'));
});
afterEach(() => rm(runDir, { recursive: true }));

const start = (): Promise<OpenedEngine> => openOwnEngine('podman', runDir, { env: process.env });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const soon = { timeoutMs: 20_000 };

async function service(): Promise<ProcessIdentity> {
  return JSON.parse(await readFile(join(runDir, 'service.json'), 'utf8')) as ProcessIdentity;
}

it('is shared by those who use it and ends with the last of them', async () => {
  const first = await start();
  const served = await service();
  const second = await start();
  expect(await service()).toEqual(served);
  await first[Symbol.asyncDispose]();
  expect(ownerState(served)).toBe('alive');
  await second[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  expect(ownerState(served)).toBe('dead');
  expect(existsSync(join(runDir, 'podman.sock'))).toBe(false);
});

it('killed between two commands comes back, and the container has lived on', async () => {
  await using engine = await start();
  await using sandbox = await openTestSandbox(engine);
  await sandbox.run('cd /var/tmp; export KEPT=yes; (sleep 300 >/dev/null 2>&1 &); echo 1 > /root/f', soon);
  const before = await service();
  await pause(200);
  process.kill(before.pid, 'SIGKILL');
  await pause(300);
  const { output } = await sandbox.run(
    'pwd; echo $KEPT; cat /root/f; grep -l sleep /proc/[0-9]*/comm | wc -l',
    soon,
  );
  expect(output.head).toBe('/var/tmp\nyes\n1\n1\n');
  expect((await service()).pid).not.toBe(before.pid);
  expect((await sandbox.exec(['cat', '/root/f'], soon)).stdout).toBe('1\n');
});

it('killed while a command runs costs that command at most, never the trial', async () => {
  await using engine = await start();
  await using sandbox = await openTestSandbox(engine);
  const running = sandbox.run('echo begun; sleep 2; echo done', soon);
  await pause(500);
  process.kill((await service()).pid, 'SIGKILL');
  const result = await running;
  if (result.exitCode !== 0) expect(result.notice).toMatch(/shell|lost/i);
  expect((await sandbox.run('echo next', soon)).output.head).toBe('next\n');
});

it('that is dead when an engine is disposed does not keep the container alive', async () => {
  const engine = await start();
  const sandbox = await openTestSandbox(engine);
  process.kill((await service()).pid, 'SIGKILL');
  await sandbox[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
  expect(await podman('ps', '-aq', '--filter', `name=^${sandbox.id}$`)).toBe('');
});

it('is joined by name through --engine, and not ended by those who merely joined', async () => {
  await using owner = await start();
  {
    await using guest = await openContainerEngine({ engine: owner.info.socket, env: process.env });
    expect(guest.info).toMatchObject({ name: 'podman', ownService: false, socket: owner.info.socket });
  }
  expect(ownerState(await service())).toBe('alive');
  expect(identify().realm).toBe((await service()).realm);
});

it('names the socket and who asked for it when nothing answers there', async () => {
  const missing = join(runDir, 'none.sock');
  await expect(openContainerEngine({ engine: missing, env: {} })).rejects.toThrow(
    `unix://${missing} (from --engine)`,
  );
  const env = { DOCKER_HOST: `unix://${missing}` };
  await expect(openContainerEngine({ env })).rejects.toMatchObject({ code: 'environment' });
});

it('T16 prevented: the proxies of the host, with their passwords, stay out of containers', async () => {
  const { CONTAINERS_CONF: _theirs, ...env } = process.env;
  const proxy = 'http://user:canary-51d0@127.0.0.1:9';
  const home = { HOME: runDir, XDG_CONFIG_HOME: runDir };
  await using engine = await openOwnEngine('podman', runDir, {
    env: { ...env, ...home, http_proxy: proxy, HTTPS_PROXY: proxy },
  });
  await using sandbox = await openTestSandbox(engine);
  const seen = "env; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'";
  const said = (await sandbox.run(seen, soon)).output.head + (await sandbox.exec(['env'], soon)).stdout;
  expect(said).toContain('PATH=');
  expect(said).not.toMatch(/canary-51d0|_proxy=/i);
});
