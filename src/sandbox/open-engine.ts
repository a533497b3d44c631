import type { HostVariables } from '../base/host-variables.js';
import { join } from 'node:path';
import { sleep } from '../base/deadline.js';
import { EnvironmentError } from '../base/errors.js';
import { containerEngine, type OpenedEngine } from './engine.js';
import { EngineClient } from './connection/engine-client.js';
import { answersPing, readEngineInfo } from './connection/engine-info.js';
import {
  engineAddress,
  engineCandidates,
  isLocalUrl,
  type EngineCandidate,
} from './connection/engine-socket.js';
import { findProgram } from './connection/host-facts.js';
import { openPodmanService } from './connection/podman-service.js';
import { imageUses } from './cleanup/image-uses.js';
import { userCache } from '../base/files/user-cache.js';
import { imageFailures } from './image/image-failures.js';
import { defaultBackOffMs } from './image/pull-image.js';
import { noNetworkGuard, openNetworkGuard } from './network/network-guard.js';
import { openRunDirectory } from './connection/run-directory.js';
import { authFiles } from './image/registry-auth.js';

/** How long a restart of the engine's service may take. */
const restartLimitMs = 30_000;

export interface OpenEngineOptions {
  /** `--engine`: a socket path or url; undefined looks in the environment and the usual places. */
  readonly engine?: string | undefined;
  /** The process's environment: sockets, registry credentials, PATH. */
  readonly env: HostVariables;
  readonly signal?: AbortSignal | undefined;
  /** Told of trouble that nobody waits for, e.g. a container that could not be removed. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Finds a container engine (`--engine`, CONTAINER_HOST, DOCKER_HOST, podman's and docker's sockets), or starts
 * podman's service on a private socket. Throws EnvironmentError with what to install or start when there is none.
 */
export async function openContainerEngine(options: OpenEngineOptions): Promise<OpenedEngine> {
  for (const candidate of engineCandidates({ engine: options.engine, env: options.env, uid: userId() })) {
    const client = new EngineClient(engineAddress(candidate.url, options.env));
    if (await answersPing(client)) {
      const lasting = new EngineClient(engineAddress(candidate.url, options.env), (signal) =>
        waitFor(client, signal),
      );
      return connect(lasting, candidate.url, options);
    }
    if (candidate.isExplicit) throw unreachable(candidate);
  }
  const podman = findProgram('podman', options.env);
  if (podman === null) {
    throw new EnvironmentError(
      'no container engine found: no podman or docker socket, and podman is not installed',
      {
        hint: 'install podman (Debian, Ubuntu: `apt-get install podman runc netavark aardvark-dns iptables nftables`), or name a socket with --engine',
      },
    );
  }
  return openOwnEngine(podman, await openRunDirectory(options.env, userId()), options);
}

/** Starts podman's service in `runDir`, or joins the one that another tbench started there. */
export async function openOwnEngine(
  podman: string,
  runDir: string,
  options: OpenEngineOptions,
): Promise<OpenedEngine> {
  const service = await openPodmanService({ podman, runDir, env: options.env, signal: options.signal });
  const client = new EngineClient(engineAddress(service.url, options.env), (signal) =>
    service.revive(signal),
  );
  return connect(client, service.url, options, async () => {
    await service[Symbol.asyncDispose]();
  });
}

async function connect(
  client: EngineClient,
  url: string,
  options: OpenEngineOptions,
  close: (() => Promise<void>) | null = null,
): Promise<OpenedEngine> {
  try {
    const info = await readEngineInfo(client, {
      socket: url,
      ownService: close !== null,
      signal: options.signal,
    });
    return containerEngine({
      client,
      info,
      isLocal: isLocalUrl(url),
      network: isLocalUrl(url)
        ? openNetworkGuard(options.env)
        : noNetworkGuard('the engine is on another machine'),
      images: {
        authFiles: authFiles(options.env, userId()),
        backOffMs: defaultBackOffMs,
        lockDir: join(await openRunDirectory(options.env, userId()), 'images'),
        uses: imageUses(join(userCache(options.env), 'images')),
        fetched: new Map(),
        bases: new Map(),
        found: new Map(),
        failures: imageFailures(),
      },
      onWarning: options.onWarning ?? (() => undefined),
      close: close ?? (() => Promise.resolve()),
    });
  } catch (error) {
    await close?.();
    throw error;
  }
}

/** A service that is not ours may be restarted by whoever owns it; after a while the failed call is the error. */
async function waitFor(client: EngineClient, signal?: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  while (!(await answersPing(client)) && performance.now() - startedAt < restartLimitMs)
    await sleep(250, signal);
}

function userId(): number {
  return process.getuid?.() ?? 0;
}

function unreachable(candidate: EngineCandidate): EnvironmentError {
  return new EnvironmentError(`no container engine answers at ${candidate.url} (from ${candidate.origin})`, {
    hint: 'start it there, or leave the setting out: tbench finds the usual sockets and can start podman itself',
  });
}
