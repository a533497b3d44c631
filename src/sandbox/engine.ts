import pLimit, { type LimitFunction } from 'p-limit';
import { adoptSandbox } from './adopt-sandbox.js';
import { createContainer, type Container, type ContainerContext } from './container/create-container.js';
import { readImageSettings, startError, type ImageSettings } from './container/entrypoint.js';
import type { ContainerEngine, EngineInfo } from './container-engine.js';
import { containerSandbox } from './container/container-sandbox.js';
import type { EngineClient } from './connection/engine-client.js';
import {
  gatedEnvironment,
  singleEnvironment,
  type Environment,
  type EnvironmentSpec,
} from './environment.js';
import { openProject, type CreateOptions } from './services/open-project.js';
import { removeOwnImages, type ImageRemoval, type RemovedImage } from './cleanup/own-images.js';
import { openBuildCgroup } from './image/build-cgroup.js';
import { buildLimits } from './image/build-limits.js';
import { openBuildNetwork } from './image/build-network.js';
import { buildNetworkOf, ensureImage, imageBytes, removeImage, type ImageContext } from './image/image.js';
import { openRemovals } from './cleanup/removals.js';
import type { NetworkGuard } from './network/network-guard.js';
import type { NetworkGate } from './network/gate/network-gate.js';
import type { Sandbox, SandboxSpec } from './sandbox.js';
import { findBash } from './bash.js';
import { openSandboxShell } from './sandbox-shell.js';
import { bootCommand } from './shell/supervisor.js';
import { listManaged, removeManaged, sweep, type ManagedContainer } from './cleanup/sweep.js';

/** Containers that start at the same time: more than the host's cpus only wait for one another in the engine. */
const leastStarts = 4;

export interface EngineParts {
  readonly client: EngineClient;
  readonly info: EngineInfo;
  /** Whether the engine's processes and files are this machine's. */
  readonly isLocal: boolean;
  readonly images: Omit<ImageContext, 'client' | 'info' | 'isLocal' | 'network'>;
  readonly network: NetworkGuard;
  /** Told of failures that nobody waits for: a container that could not be removed. */
  readonly onWarning: (message: string) => void;
  /** Called last on dispose: ends the engine's service when it is ours. */
  readonly close: () => Promise<void>;
}

/** An engine with what only `tbench clean` and `tbench doctor` need. */
export interface OpenedEngine extends ContainerEngine {
  /** Every container of tbench, whoever's it is. */
  managedContainers(): Promise<readonly ManagedContainer[]>;
  /** Removes containers whatever their owners do. */
  removeManaged(containers: readonly ManagedContainer[]): Promise<void>;
  /** Removes images of tbench's that no container uses. */
  removeImages(removal: ImageRemoval): Promise<readonly RemovedImage[]>;
  /** What builds are not held to here, and why; empty when to everything. */
  buildGaps(): Promise<readonly string[]>;
}

/** The engine behind a client that answers. */
export function containerEngine(parts: EngineParts): OpenedEngine {
  const { client, info } = parts;
  const removals = openRemovals(client, (what, error) => {
    const reason = error instanceof Error ? error.message : String(error);
    parts.onWarning(`could not remove ${what} (\`tbench clean\` will): ${reason}`);
  });
  const starts = pLimit(Math.max(leastStarts, info.cpus));
  const context = { client, info, isLocal: parts.isLocal, network: parts.network, removals, starts };
  const images: ImageContext = {
    client,
    info,
    isLocal: parts.isLocal,
    network: parts.network,
    ...parts.images,
  };
  let disposal: Promise<void> | undefined;
  return {
    info,
    ensureImage: (source, options) => ensureImage(images, source, options),
    removeImage: async (reference) => {
      images.fetched.delete(reference);
      images.found.delete(reference);
      // The engine refuses while a container of the image is there, and one may still be on its way out.
      await removals.finished();
      await removeImage(client, reference);
    },
    imageBytes: (id) => imageBytes(client, id),
    managedContainers: () => listManaged(client),
    removeManaged: (containers) => removeManaged(client, containers),
    buildGaps: async () => {
      await using network = await openBuildNetwork(buildNetworkOf(images));
      await using cgroup = await openBuildCgroup(images, buildLimits(info).pids);
      return [
        ...(network.refusal === null
          ? []
          : [`network: builds can reach this machine's own addresses (${network.refusal})`]),
        ...(cgroup.refusal === null
          ? []
          : [`processes: a build can have any number of them (${cgroup.refusal})`]),
      ];
    },
    removeImages: (removal) => removeOwnImages(client, images.uses, removal),
    createEnvironment: (spec, signal) => createEnvironment(context, spec, signal),
    policyRefusal: () => parts.network.policyRefusal(info),
    adoptEnvironment: async (ticket, { main, network, owner }, signal) =>
      singleEnvironment(await adoptSandbox(context, ticket, { spec: { ...main, network, owner }, signal })),
    createSandbox: (spec, signal) => createSandbox(context, spec, { signal }),
    sweep: (options) => sweep(client, { kept: options?.kept ?? false }),
    [Symbol.asyncDispose]: () =>
      (disposal ??= removals.finished().then(parts.close)).finally(() => parts.network[Symbol.dispose]()),
  };
}

async function createEnvironment(
  context: ContainerContext & { readonly starts: LimitFunction },
  spec: EnvironmentSpec,
  signal?: AbortSignal,
): Promise<Environment> {
  const { policy } = spec;
  if (policy === undefined) return createMembers(context, spec, { gate: null, signal });
  const gate = context.network.openGate(policy);
  try {
    return gatedEnvironment(await createMembers(context, spec, { gate, signal }), gate);
  } catch (error) {
    gate[Symbol.dispose]();
    throw error;
  }
}

async function createMembers(
  context: ContainerContext & { readonly starts: LimitFunction },
  spec: EnvironmentSpec,
  { gate, signal }: { readonly gate: NetworkGate | null; readonly signal: AbortSignal | undefined },
): Promise<Environment> {
  const { project, network, blockPrivate = false, owner } = spec;
  const own = { network, blockPrivate, owner, ...(gate === null ? {} : { gate }) };
  if (project === undefined)
    return singleEnvironment(await createSandbox(context, { ...spec.main, ...own }, { signal }));
  return openProject(
    context,
    { ...spec, project },
    { createSandbox: (member, options) => createSandbox(context, member, options), gate, signal },
  );
}

async function createSandbox(
  context: ContainerContext & { readonly starts: LimitFunction },
  spec: SandboxSpec,
  { signal, mayStart }: CreateOptions,
): Promise<Sandbox> {
  const { entrypoint, user: imageUser } = await settingsOf(context, spec);
  try {
    const inTurn = context.starts;
    const options = { init: bootCommand, entrypoint, inTurn, mayStart, signal };
    const container = await createContainer(context, spec, options);
    return await openShellIn(context, { container, spec, imageUser, signal });
  } catch (error) {
    throw startError(spec, entrypoint, error);
  }
}

/** The image's settings, or what a compose file says instead. An entry point that only keeps a container alive has nothing to do. */
async function settingsOf(
  { client }: ContainerContext,
  { image, service }: SandboxSpec,
): Promise<ImageSettings> {
  const own = service?.spec.entrypoint ?? null;
  const settings = await readImageSettings(client, image, own);
  return { ...settings, user: service?.spec.user ?? settings.user };
}

async function openShellIn(
  context: ContainerContext,
  parts: {
    readonly container: Container;
    readonly spec: SandboxSpec;
    readonly imageUser: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Sandbox> {
  const { container, spec, imageUser, signal } = parts;
  try {
    const { streams, report } = container;
    const shell = await openSandboxShell(streams, { label: container.name, spec, signal });
    const bashPath = await findBash(streams, report.env['PATH'] ?? '', signal);
    return containerSandbox(context, spec, { container, shell, imageUser, bashPath });
  } catch (error) {
    context.removals.schedule(container.id);
    throw error;
  }
}
