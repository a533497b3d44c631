import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { openTestEngine, openTestSandbox } from './engine.js';
import { podman } from './podman.js';

let engine: ContainerEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const soon = { timeoutMs: 20_000 };

describe('a container', () => {
  it('has the limits it was given, as the kernel sees them', async () => {
    await using sandbox = await openTestSandbox(engine, { cpus: 0.5, memoryBytes: 2 ** 27, pidsLimit: 99 });
    expect(sandbox.limits).toMatchObject({
      cpus: 0.5,
      memoryBytes: 2 ** 27,
      pids: 99,
      network: 'none',
      warnings: [],
    });
    expect(sandbox.limits.capabilities).toContain('CAP_CHOWN');
    expect(sandbox.limits.capabilities).not.toContain('CAP_SYS_ADMIN');
    const { output } = await sandbox.run('cat /proc/net/dev | grep -c : ; env | grep -ic _proxy', soon);
    expect(output.head).toBe('1\n0\n');
  });

  it('asked for more cpus than the host has gets what there is, with a warning', async () => {
    await using sandbox = await openTestSandbox(engine, { cpus: engine.info.cpus + 6 });
    expect(sandbox.limits.cpus).toBe(engine.info.cpus);
    expect(sandbox.limits.warnings).toEqual([
      `cpus: ${engine.info.cpus + 6} wanted, the host has ${engine.info.cpus}`,
    ]);
  });

  it('outlives pkill and kill -9 -1 inside', async () => {
    await using sandbox = await openTestSandbox(engine);
    await sandbox.run('for p in /proc/[0-9]*; do kill -9 "${p#/proc/}"; done; kill -9 -1', soon);
    await sandbox.exec(['/bin/sh', '-c', 'kill -9 -1'], soon);
    expect(await sandbox.vitals()).toMatchObject({ state: 'running' });
    expect((await sandbox.run('echo still here', soon)).output.head).toBe('still here\n');
  });

  it('reaps processes that lost their parent', async () => {
    await using sandbox = await openTestSandbox(engine, { pidsLimit: 64 });
    const orphan = '( (sleep 0.05) & ) ; ';
    for (let round = 0; round < 6; round += 1) await sandbox.run(orphan.repeat(20), soon);
    await expect
      .poll(
        async () =>
          (await sandbox.run('grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l', soon)).output
            .head,
        { timeout: 5_000 },
      )
      .toBe('0\n');
  });

  it('starts in a workdir, as a user and with an environment of the task', async () => {
    await using sandbox = await openTestSandbox(engine, {
      workdir: '/var/lib',
      user: 'nobody',
      env: { TASK: 'a b' },
    });
    // `user` is the image's: who runs what the agent does not.
    expect(sandbox).toMatchObject({ workdir: '/var/lib', user: 'root' });
    expect(sandbox.env).toMatchObject({ TASK: 'a b' });
    const { output } = await sandbox.run('pwd; id -un; echo "$TASK"', soon);
    expect(output.head).toBe('/var/lib\nnobody\na b\n');
  });

  it('tells what changed, what runs and what it used', async () => {
    await using sandbox = await openTestSandbox(engine);
    await sandbox.run(
      'head -c 3000000 /dev/zero > /root/big; rm /etc/motd; (sleep 77 > /dev/null 2>&1 &)',
      soon,
    );
    const changes = await sandbox.changes();
    expect(changes).toContainEqual({ path: '/root/big', kind: 'added' });
    expect(changes).toContainEqual({ path: '/etc/motd', kind: 'deleted' });
    const commands = (await sandbox.processes()).map(({ command }) => command);
    expect(commands).toContain('sleep 77');
    const vitals = await sandbox.vitals();
    expect(vitals).toMatchObject({ state: 'running', oomKills: 0 });
    expect(vitals.diskBytes).toBeGreaterThan(2_900_000);
    expect(vitals.memoryPeakBytes).toBeGreaterThan(1_000_000);
  });

  it('counts OOM kills', async () => {
    await using sandbox = await openTestSandbox(engine, { memoryBytes: 2 ** 26 });
    await sandbox.run('perl -e \'$x = "a" x 200000000; print length $x\'', soon);
    expect((await sandbox.vitals()).oomKills).toBeGreaterThan(0);
    expect((await sandbox.run('echo alive', soon)).output.head).toBe('alive\n');
  });

  it('can be frozen as an image that starts where it stood', async () => {
    const reference = `localhost/tbench/test-snapshot-${process.pid}:1`;
    await using sandbox = await openTestSandbox(engine);
    await sandbox.run('echo frozen > /root/state', soon);
    const id = await sandbox.snapshot(reference);
    try {
      await using thawed = await engine.createSandbox({
        image: { reference, id },
        cpus: 1,
        memoryBytes: 2 ** 28,
        pidsLimit: 100,
        network: 'none',
        env: {},
        workdir: null,
        user: null,
        owner: { job: 'test', trial: 'thawed', task: 'test' },
      });
      expect((await thawed.run('cat /root/state', soon)).output.head).toBe('frozen\n');
    } finally {
      await engine.removeImage(reference);
    }
    expect(await podman('images', '-q', reference)).toBe('');
  });

  it('is gone soon after it is disposed, without holding up whoever disposed it', async () => {
    const sandbox = await openTestSandbox(engine);
    await sandbox[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
    await expect
      .poll(() => podman('ps', '-aq', '--filter', `name=^${sandbox.id}$`), { timeout: 10_000 })
      .toBe('');
  });
});

describe('a container that was taken away', () => {
  it.each([
    ['removed', 'rm', /removed|no such container/i],
    ['killed', 'kill', /not running|exited|stopped/i],
  ])('fails as a sandbox error that names it when it was %s', async (_, verb, message) => {
    await using sandbox = await openTestSandbox(engine);
    await podman(verb, ...(verb === 'rm' ? ['-f', '-t', '0'] : []), sandbox.id);
    const failure: unknown = await sandbox.run('echo x', soon).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'sandbox' });
    const text = failure instanceof Error ? `${failure.message} ${String(failure.cause)}` : '';
    expect(text).toMatch(message);
    expect(text).toContain(sandbox.id);
    expect((await sandbox.vitals()).state).toBe(verb === 'rm' ? 'gone' : 'stopped');
  });
});

it('leaves no container behind when the creation is cancelled', async () => {
  const controller = new AbortController();
  const trial = `cancelled-${process.pid}`;
  const opening = openTestSandbox(engine).then((sandbox) => sandbox[Symbol.asyncDispose]());
  const source = {
    reference: 'docker.io/library/debian:bookworm-slim',
    buildContext: null,
    dockerfile: 'Dockerfile',
    buildTimeoutMs: 1,
  };
  const image = await engine.ensureImage(source, { pull: 'never', forceBuild: false });
  const creating = engine.createSandbox(
    {
      image,
      cpus: 1,
      memoryBytes: 2 ** 28,
      pidsLimit: 100,
      network: 'none',
      env: {},
      workdir: null,
      user: null,
      owner: { job: 'test', trial, task: 'test' },
    },
    controller.signal,
  );
  setTimeout(() => controller.abort(new Error('stop it')), 15);
  await expect(creating).rejects.toThrow('stop it');
  await opening;
  await expect
    .poll(() => podman('ps', '-aq', '--filter', `label=tbench.trial=${trial}`), { timeout: 10_000 })
    .toBe('');
});
