import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
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
import { podman, startUnguarded } from './podman.js';

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

it('a build has a network that does not reach the host’s other addresses, and says so where that is not kept', async () => {
  const server = createServer((socket) => socket.end('the host answers')).listen(0, '::');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const addresses = [...(await hostAddresses())].filter((address) => !address.includes(':'));
  // Not tbench's container: that it is reached shows that the build has a network at all.
  const neighbour = await startUnguarded('podman');
  onTestFinished(async () => {
    server.close();
    await podman('rm', '-f', '-t', '0', neighbour);
  });
  const serve = `use IO::Socket::INET; $s = IO::Socket::INET->new(Listen => 9, LocalPort => 7000, ReuseAddr => 1) or die; while ($c = $s->accept) { print $c "neighbour\\n"; close $c }`;
  await podman('exec', '-d', neighbour, 'perl', '-e', serve);
  const where = await podman('inspect', '-f', '{{.NetworkSettings.IPAddress}}', neighbour);
  const isThere = `for try in 1 2 3 4 5 6 7 8 9; do read -r said < /dev/tcp/${where}/7000 && break; sleep 1; done; [ "$said" = neighbour ]`;
  const gateway =
    'read -r _ _ g _ < <(grep -P "^\\S+\\t00000000" /proc/net/route); gw=$((16#${g:6:2})).$((16#${g:4:2})).$((16#${g:2:2})).$((16#${g:0:2}))';
  const asked = `for one in $gw ${addresses.join(' ')}; do echo "asking $one"; timeout 3 cat < /dev/tcp/$one/${port} && exit 1; done; true`;
  const run = `bash -c '${isThere} || exit 1; ${gateway}; ${asked}'`;
  expect(await build(run)).toBeNull();
  expect(warnings).toEqual([]);
  expect(String(await build(run, { isGuarded: false }))).toContain('the host answers');
  expect(warnings).toEqual([expect.stringMatching(/^network: the build of .* could reach this machine/)]);
});

it('an ADD by which the engine itself would ask the host is refused before the build', async () => {
  let asked = 0;
  const server = createServer((socket) => {
    asked += 1;
    socket.end('HTTP/1.0 200 OK\r\n\r\nthe host answers');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const dir = await mkdtemp(join(tmpdir(), 'hostile-add-'));
  const source = { reference: null, buildContext: dir, dockerfile: 'Dockerfile', buildTimeoutMs: 60_000 };
  for (const [add, why] of [
    [`ADD http://localhost:${port}/x /x`, /127\.0\.0\.1 must not be reached|::1 must not be reached/],
    [`ADD ["http:\\u002f\\u002f2130706433:${port}/x", "/x"]`, /must not be reached/],
    [`ARG U=http://127.0.0.1:${port}/x\nADD $U /x`, /depends on a variable/],
  ] as const) {
    await writeFile(join(dir, 'Dockerfile'), `FROM ${baseImage}\n${add}\n`);
    const error = await engine
      .ensureImage(source, { pull: 'never', forceBuild: false })
      .catch((e: unknown) => e);
    expect(String(error)).toMatch(why);
    expect(describeFailure(error).blame).toBe('task');
  }
  expect(asked).toBe(0);
  await rm(dir, { recursive: true });
});
