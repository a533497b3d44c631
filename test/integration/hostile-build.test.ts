import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TaskError } from '../../src/base/errors.js';
import type { ContainerEngine } from '../../src/sandbox/container-engine.js';
import { engineAddress } from '../../src/sandbox/connection/engine-socket.js';
import { EngineClient } from '../../src/sandbox/connection/engine-client.js';
import { buildImage } from '../../src/sandbox/image/build-image.js';
import { loadBuildContext } from '../../src/sandbox/image/build-context.js';
import { openBuildNetwork, type BuildNetwork } from '../../src/sandbox/image/build-network.js';
import { buildLimits } from '../../src/sandbox/image/build-limits.js';
import { hostAddresses } from '../../src/sandbox/network/host-addresses.js';
import { openNetworkGuard } from '../../src/sandbox/network/network-guard.js';
import { openBuildCgroup } from '../../src/sandbox/image/build-cgroup.js';
import { describeFailure } from '../../src/trial/failure.js';
import { baseImage, openTestEngine } from './engine.js';

let engine: ContainerEngine;
const warnings: string[] = [];
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

/** Builds `FROM base` and one RUN under small limits; returns the failure, or null when it went through. */
async function build(
  run: string,
  {
    timeoutMs = 100_000,
    isGuarded = true,
  }: { readonly timeoutMs?: number; readonly isGuarded?: boolean } = {},
): Promise<unknown> {
  const dir = await mkdtemp(join(tmpdir(), 'hostile-build-'));
  const tag = `localhost/tbench/hostile-build:${randomUUID()}`;
  await writeFile(join(dir, 'Dockerfile'), `FROM ${baseImage}\nENV ID=${randomUUID()}\nRUN ${run}\n`);
  const client = new EngineClient(engineAddress(engine.info.socket, process.env));
  using guard = openNetworkGuard(process.env);
  const openNetwork = (): Promise<BuildNetwork> =>
    openBuildNetwork({ client, info: engine.info, isLocal: isGuarded, guard, dir: `${dir}-network` });
  try {
    await buildImage(await loadBuildContext(dir, 'Dockerfile'), {
      client,
      tag,
      target: null,
      buildArgs: {},
      pull: 'never',
      timeoutMs,
      limits: { ...buildLimits(engine.info), memoryBytes: 2 ** 28, pids: 64 },
      openCgroup: (pids) => openBuildCgroup({ client, info: engine.info, isLocal: true }, pids),
      openNetwork,
      onWarning: (line) => warnings.push(line),
      authFiles: [],
      backOffMs: [],
      onProgress: () => undefined,
    });
    await engine.removeImage(tag);
    return null;
  } catch (error) {
    return error;
  } finally {
    for (const one of [dir, `${dir}-network`]) await rm(one, { recursive: true, force: true });
  }
}

it('a build that takes more memory than builds may have ends as the task’s failure', async () => {
  const error = await build(`perl -e '$x = "a" x 600000000; print length $x'`);
  expect(error).toBeInstanceOf(TaskError);
  expect(String(error)).toContain('limit of builds, 256 MiB of memory');
  expect(describeFailure(error).blame).toBe('task');
});

it('a build that is killed far below the limit, as by a host without memory, is not the task’s failure', async () => {
  const error = await build(`exit 137`);
  expect(String(error)).toContain('137');
  expect(describeFailure(error).blame).toBe('infrastructure');
});

it('a build that forks without end is stopped by the limit of processes', async () => {
  const error = await build(`sh -c 'i=0; while [ $i -lt 200 ]; do sleep 100 & i=$((i+1)); done'`);
  expect(error).toBeInstanceOf(TaskError);
  expect(String(error)).toContain('limit of builds, 64 processes');
  expect(describeFailure(error).blame).toBe('task');
});

it('a build that sleeps ends at its time limit, and nothing of it goes on', async () => {
  const error = await build('sleep 98765', { timeoutMs: 5_000 });
  expect(String(error)).toContain('took longer than 5 s');
  expect(describeFailure(error).blame).toBe('task');
  const found = promisify(execFile)('pgrep', ['-f', '^sleep 98765']).then(
    ({ stdout }) => stdout,
    () => 'none',
  );
  expect(await found).toBe('none');
  expect((await readdir('/sys/fs/cgroup/')).join()).not.toContain('tbench-build');
});

it('a build does not reach what listens on 127.0.0.1 of the host', async () => {
  const server = createServer((socket) => socket.end('the host answers')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const error = await build(`bash -c 'timeout 3 cat < /dev/tcp/127.0.0.1/${port}' && exit 1 || true`);
  server.close();
  expect(error).toBeNull();
});

it('a build does not reach the host’s other addresses, and says so where that is not kept', async () => {
  const server = createServer((socket) => socket.end('the host answers')).listen(0, '::');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const addresses = [...(await hostAddresses())].filter((address) => !address.includes(':'));
  const gateway =
    'read -r _ _ g _ < <(grep -P "^\\S+\\t00000000" /proc/net/route); gw=$((16#${g:6:2})).$((16#${g:4:2})).$((16#${g:2:2})).$((16#${g:0:2}))';
  const asked = `for one in $gw ${addresses.join(' ')}; do echo "asking $one"; timeout 3 cat < /dev/tcp/$one/${port} && exit 1; done; true`;
  const run = `bash -c '${gateway}; ${asked}'`;
  expect(await build(run)).toBeNull();
  expect(warnings).toEqual([]);
  expect(String(await build(run, { isGuarded: false }))).toContain('the host answers');
  expect(warnings).toEqual([expect.stringMatching(/^network: the build of .* could reach this machine/)]);
  server.close();
});
