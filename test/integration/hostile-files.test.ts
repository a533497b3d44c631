import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { openTestEngine, openTestSandbox } from './engine.js';

let engine: ContainerEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

const limits = { maxEntries: 100, maxFileBytes: 2 ** 20, maxTotalBytes: 2 ** 21 };
const soon = { timeoutMs: 20_000 };

it('of devices, pipes, sockets and links nothing comes out of a sandbox, and none of them is opened', async () => {
  await using sandbox = await openTestSandbox(engine, { network: 'none' });
  const made = await sandbox.run(
    `mkdir -p /x/deep && cd /x/deep && echo plain > plain && mkfifo pipe &&
     perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => "socket", Listen => 1) or die' &&
     ln -s /dev/zero zero && ln -s /proc/kmsg kernel && ln -s pipe to-pipe &&
     (mknod device c 1 5 || echo "no device") 2>&1`,
    soon,
  );
  // Nobody in a sandbox makes devices; what an image brings is refused all the same, as /dev below shows.
  expect(made.output.head).toContain('no device');
  const out = await mkdtemp(join(tmpdir(), 'hostile-files-'));
  try {
    const report = await sandbox.download('/x', out, limits, new AbortController().signal);
    expect(report?.files.map(({ path }) => path)).toEqual(['deep/plain']);
    expect(report?.refused.map(({ path }) => path).sort()).toEqual(
      ['kernel', 'pipe', 'socket', 'to-pipe', 'zero'].map((name) => `deep/${name}`),
    );
    const devices = await sandbox.download('/dev', join(out, 'dev'), limits, new AbortController().signal);
    expect(devices?.files).toEqual([]);
    expect(devices?.refused.map(({ path }) => path)).toEqual(expect.arrayContaining(['zero', 'random']));
    expect((await readdir(out, { recursive: true })).sort()).toEqual(
      expect.arrayContaining(['deep', 'deep/plain']),
    );
  } finally {
    await rm(out, { recursive: true });
  }
});

it('nobody in a sandbox makes devices or sends raw packets', async () => {
  await using sandbox = await openTestSandbox(engine, { network: 'none' });
  for (const lost of ['CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SYS_ADMIN'])
    expect(sandbox.limits.capabilities).not.toContain(lost);
  const { output } = await sandbox.run(
    `mknod /d b 7 0 2>&1; perl -e 'use Socket; socket(S, PF_INET, SOCK_RAW, 1) or print "raw: $!\\n"'`,
    soon,
  );
  expect(output.head).toMatch(/mknod.*not permitted/i);
  expect(output.head).toMatch(/raw: .*not permitted/i);
});
