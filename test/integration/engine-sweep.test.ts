import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { openTestEngine, openTestSandbox } from './engine.js';
import { runCli } from './cli.js';
import { podman } from './podman.js';

let engine: ContainerEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function startOwner(...args: string[]): Promise<{ owner: ChildProcess; container: string }> {
  const script = new URL('./engine-owner.ts', import.meta.url).pathname;
  const owner = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [container] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  return { owner, container };
}

const isThere = async (name: string): Promise<boolean> =>
  (await podman('ps', '-aq', '--filter', `name=^${name}$`)) !== '';

it('removes what a killed owner left, and nothing of the living', async () => {
  const { owner, container } = await startOwner();
  await using living = await openTestSandbox(engine);
  expect(await engine.sweep()).not.toContain(container);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await isThere(container)).toBe(true);
  expect(await engine.sweep()).toContain(container);
  expect(await isThere(container)).toBe(false);
  expect(await isThere(living.id)).toBe(true);
});

it('names the containers of the living, whose they are, and takes them by force alone', async () => {
  await using living = await openTestSandbox(engine);
  const { socket } = engine.info;
  const clean = (...args: string[]) => runCli(['clean', '--all', '--dry-run', '--engine', socket, ...args]);
  const named = await clean();
  expect(named).toMatchObject({ code: 0 });
  expect(named.stdout).toMatch(
    new RegExp(`left container ${living.id} \\(job .*, process ${process.pid} still runs\\)`),
  );
  expect(named.stdout).toContain('tbench clean --all --force');
  expect((await clean('--force')).stdout).toContain(`would remove container ${living.id} `);
  expect(await isThere(living.id)).toBe(true);
  expect(await runCli(['clean', '--force'])).toMatchObject({ code: 2 });
});

it('leaves the service up for others when one of its users is killed', async () => {
  const { owner } = await startOwner();
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await using sandbox = await openTestSandbox(engine);
  expect((await sandbox.run('echo up', { timeoutMs: 10_000 })).output.head).toBe('up\n');
  await engine.sweep();
});

it('leaves what the user wanted kept until it is asked for that too', async () => {
  const { owner, container } = await startOwner('keep');
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  expect(await engine.sweep()).not.toContain(container);
  expect(await engine.sweep({ kept: true })).toContain(container);
});

it('removes the snapshot of a killed owner', async () => {
  const reference = `localhost/tbench-snapshot:sweep-${process.pid}`;
  const { owner, container } = await startOwner();
  await podman('commit', container, reference);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await engine.sweep();
  expect(await podman('images', '-q', reference)).toBe('');
});
