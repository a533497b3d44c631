import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openDeadline } from '../../base/deadline.js';
import { describeError } from '../../base/errors.js';
import { uniqueSuffix } from '../../base/process-identity.js';
import { containerName, ownerLabels } from '../cleanup/labels.js';
import { removeContainer } from '../cleanup/removals.js';
import type { EngineClient } from '../connection/engine-client.js';
import type { EngineInfo } from '../container-engine.js';
import { inspectContainer } from '../container/container-report.js';
import type { NetworkGuard } from '../network/network-guard.js';

/** The network that the RUN lines of one build have. */
export interface BuildNetwork extends AsyncDisposable {
  /** A network namespace that is guarded as a sandbox's is; null for one of the engine's making, which is not. */
  readonly path: string | null;
  /** Why it is not guarded; null when it is. */
  readonly refusal: string | null;
}

const created = z.object({ Id: z.string() });

/** Whose builds they are. */
export interface BuildNetworkEngine {
  readonly client: EngineClient;
  readonly info: EngineInfo;
  readonly isLocal: boolean;
  readonly guard: NetworkGuard;
  /** A folder of this user, for the root. */
  readonly dir: string;
}

/**
 * Makes one. A build has no container of its own that could be guarded before its first line, so podman is given one that is set up
 * and never started: of its namespaces only the network is used, and its root is an empty folder.
 */
export async function openBuildNetwork(
  engine: BuildNetworkEngine,
  signal?: AbortSignal,
): Promise<BuildNetwork> {
  const { client, info, isLocal, guard, dir } = engine;
  if (!isLocal) return unguarded('the engine is on another machine');
  if (info.name !== 'podman') return unguarded('only podman builds in a network that is made before');
  const name = containerName('build', uniqueSuffix());
  const remove = (): Promise<void> => removeContainer(client, name).catch(() => undefined);
  // Apart from the time that the build has: an engine that takes long here is not its Dockerfile's fault.
  using deadline = openDeadline(mostSetUpMs, signal);
  try {
    const made = await setUp(client, { name, rootfs: await emptyRoot(dir), signal: deadline.signal });
    const { hostPid, containerId, resolvConfPath } = made;
    const options = { blockPrivate: false, ownRanges: [], resolvConfPath };
    const refusal = await guard.protect({ containerId, hostPid }, options);
    if (refusal === null) return { path: `/proc/${hostPid}/ns/net`, refusal, [Symbol.asyncDispose]: remove };
    await remove();
    return unguarded(refusal);
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    return unguarded(describeError(error).split('\n')[0] ?? '');
  }
}

const mostSetUpMs = 60_000;

async function setUp(
  client: EngineClient,
  { name, rootfs, signal }: { readonly name: string; readonly rootfs: string; readonly signal: AbortSignal },
): Promise<{
  readonly containerId: string;
  readonly hostPid: number;
  readonly resolvConfPath: string | null;
}> {
  const labels = ownerLabels({ job: 'build', trial: 'build', task: 'build' });
  const body = { name, rootfs, command: ['/none'], labels, netns: { nsmode: 'bridge' } };
  const what = `make a network for a build`;
  const path = '/v4.0.0/libpod/containers';
  const { Id: id } = await client.json(
    { method: 'POST', path: `${path}/create`, body, what, signal },
    created,
  );
  await client.send({ method: 'POST', path: `${path}/${id}/init`, what, signal });
  const { hostPid, resolvConfPath } = await inspectContainer(client, id, what);
  return { containerId: id, hostPid, resolvConfPath };
}

/** The runtime looks whether there is a program to start, and never starts it. */
async function emptyRoot(dir: string): Promise<string> {
  const root = join(dir, 'empty-root');
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'none'), '', { mode: 0o755 });
  return root;
}

function unguarded(refusal: string): BuildNetwork {
  return { path: null, refusal, [Symbol.asyncDispose]: () => Promise.resolve() };
}
