import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageLimitReached, watchStorage } from '../../src/trial/steps/watch-storage.js';
import { Arena, solve, usualScript } from './integrity-arena.js';

/** Catalogue D and E: resources and what is taken out of a sandbox. */
describe('resources and artifacts', () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await Arena.open();
  });
  afterAll(() => arena[Symbol.asyncDispose]());

  it('T27 contained: floods are counted, not kept, by the shell and by the tests', async () => {
    const before = process.memoryUsage().rss;
    const script = `head -c 60000000 /dev/zero | tr '\\0' x\n${usualScript}`;
    const outcome = await arena.fight({
      commands: [solve, 'head -c 200M /dev/zero', 'yes | head -c 50M'],
      script,
    });
    expect(outcome.results[1]?.output.totalBytes).toBe(200 * 2 ** 20);
    expect(outcome.stdout.length).toBeLessThan(20 * 2 ** 20);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 2 ** 20);
    expect(outcome).toMatchObject({ rawReward: 1, effectiveReward: 1 });
    expect(['clean', 'noted']).toContain(outcome.verdict);
  });

  it('T28 contained: binary and control output stays valid text', async () => {
    const noise = String.raw`printf 'a\0b\377\xc3(\033[2J\033]0;title\007\r\b'; head -c 65536 /dev/urandom; printf '\xed\xa0\x80'`;
    const outcome = await arena.fight({ commands: [solve, noise], script: `${noise}\n${usualScript}` });
    expect(JSON.parse(JSON.stringify(outcome.results[1]))).toEqual(outcome.results[1]);
    expect(Buffer.from(outcome.stdout).toString()).toBe(outcome.stdout);
    expect(outcome).toMatchObject({ rawReward: 1, effectiveReward: 1 });
  });

  it('T29 contained: with every process id taken the trial ends in a verdict, not in an error', async () => {
    const outcome = await arena.fight({
      commands: [solve, 'for i in $(seq 600); do sleep 60 & done 2>/dev/null; true'],
      commandTimeoutMs: 10_000,
    });
    expect(['completed', 'not_run', 'bootstrap_failed']).toContain(outcome.status);
    expect(outcome.effectiveReward === 1 || outcome.verdict === 'unverifiable').toBe(true);
  });

  it('T30 contained: memory used up ends the command, is told apart from a kill, and the tests still run', async () => {
    const outcome = await arena.fight({
      commands: [solve, 'python3 -c "x = bytearray(2 * 1024**3)"; head -c 60M /dev/zero >/dev/shm/x'],
    });
    expect(outcome.results[1]?.outOfMemory).toBe(true);
    expect(outcome).toMatchObject({ rawReward: 1, verdict: 'clean' });
  });

  it('T31 contained: writing past the storage limit is noticed', async () => {
    await using sandbox = await arena.createSandbox();
    using storage = watchStorage(sandbox, 50 * 2 ** 20, new AbortController().signal);
    const ended = new Promise((resolve) => storage.signal.addEventListener('abort', resolve));
    await sandbox.run('fallocate -l 100M /fill || head -c 100M /dev/zero >/fill', { timeoutMs: 20_000 });
    await ended;
    expect(storage.signal.reason).toBeInstanceOf(StorageLimitReached);
  });

  it.each([
    ['/bin/bash', 'rm -f /bin/bash /usr/bin/bash'],
    ['the shell', 'rm -f /bin/sh /usr/bin/sh'],
    ['/etc', 'rm -rf /etc/* 2>/dev/null; true'],
    ['/tmp', 'rm -rf /tmp'],
    ['the C library', 'rm -rf /lib/*-linux-gnu'],
  ])('T32 contained: without %s the trial still ends in a verdict', async (_name, command) => {
    const outcome = await arena.fight({ commands: [solve, command], commandTimeoutMs: 5_000 });
    expect(outcome.effectiveReward === 1 ? outcome.status : outcome.verdict).toMatch(
      /^(completed|unverifiable)$/,
    );
  });

  it('T33 contained: of a hostile results folder only plain files reach the host', async () => {
    const hostile = String.raw`d=/logs/verifier; mkdir -p $d/a; truncate -s 2T $d/sparse; ln -s /etc/shadow $d/link; ln -s ../../../../etc/passwd $d/rel; ln -s /etc $d/a/dir; mkfifo $d/fifo; echo x >$d/f; ln $d/f $d/hard; chmod 4755 $d/f; touch -- "$d/$(printf 'new\nline')" "$d/-rf" "$d/$(printf 'esc\033[31m')" "$d/$(printf 'bad\377')"`;
    const outcome = await arena.fight({ commands: [solve], script: `${usualScript}\n${hostile}\n` });
    expect(outcome).toMatchObject({ rawReward: 1, verdict: 'noted' });
    expect(outcome.codes).toContain('result-refused');
    await using sandbox = await arena.createSandbox();
    await sandbox.run(`mkdir -p /logs/verifier; ${hostile}`, { timeoutMs: 10_000 });
    const hostDir = await mkdtemp(join(tmpdir(), 'tbench-hostile-'));
    try {
      const limits = { maxEntries: 2_000, maxFileBytes: 2 ** 20, maxTotalBytes: 2 ** 22 };
      const report = await sandbox.download('/logs/verifier', hostDir, limits);
      const kinds = await Promise.all(
        (await readdir(hostDir, { recursive: true })).map((name) => lstat(join(hostDir, name))),
      );
      expect(kinds.every((stat) => stat.isFile() || stat.isDirectory())).toBe(true);
      expect(kinds.every((stat) => (stat.mode & 0o6000) === 0)).toBe(true);
      expect((report?.refused ?? []).map(({ path }) => path)).toEqual(
        expect.arrayContaining(['sparse', 'link', 'rel', 'fifo']),
      );
    } finally {
      await rm(hostDir, { recursive: true, force: true });
    }
  });
});
