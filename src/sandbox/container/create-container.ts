import { z } from 'zod';
import { appliedLimits, type StartedReach } from './limits/applied-limits.js';
import type { EngineInfo } from '../container-engine.js';
import { inspectContainer, type ContainerReport } from './container-report.js';
import { containerRequest, networkOf, type WantedLimits } from './container-request.js';
import { containerArchive } from './container-archive.js';
import { readyToStart } from './ready-to-start.js';
import { connectOthers } from '../services/connect-networks.js';
import { putServiceFiles } from '../services/service-files.js';
import { engineStreams } from './engine-streams.js';
import type { EngineClient } from '../connection/engine-client.js';
import type { ContainerStreams } from '../container-streams.js';
import { openHostView, type HostView } from './limits/host-view.js';
import { containerName, ownerLabels } from '../cleanup/labels.js';
import { uniqueSuffix } from '../../base/process-identity.js';
import type { Removals } from '../cleanup/removals.js';
import type { AppliedLimits, SandboxSpec } from '../sandbox.js';
import type { NetworkGuard } from '../network/network-guard.js';
import { newSandboxToken, type SandboxToken } from '../sandbox-token.js';

/** A running container whose PID 1 is `init`. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly report: ContainerReport;
  readonly limits: AppliedLimits;
  readonly streams: ContainerStreams;
  readonly host: HostView;
}

export interface ContainerContext {
  readonly client: EngineClient;
  readonly info: EngineInfo;
  /** Whether the engine's processes and files are this machine's. */
  readonly isLocal: boolean;
  readonly removals: Removals;
  readonly network: NetworkGuard;
}

const created = z.object({ Id: z.string() });

/**
 * Creates and starts a container and reads its limits back. `init` gets the sandbox's token as its last argument. The
 * engine's calls are not cut short by the signal (a container could come into being that nobody knows of): an abort
 * is honoured between them. With `mayStart` it waits for that before the start, and takes its turn among the starts a
 * second time: no turn is held while it waits.
 */
export async function createContainer(
  context: ContainerContext,
  spec: SandboxSpec,
  options: {
    readonly init: readonly string[];
    readonly entrypoint: readonly string[];
    /** Runs work when it is its turn among the starts of the engine. */
    readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
    readonly mayStart: (() => Promise<void>) | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Container> {
  const { inTurn, mayStart, signal } = options;
  const token = newSandboxToken();
  const name = containerName(spec.owner.trial, uniqueSuffix());
  const { body, wanted } = containerRequest(spec, [...options.init, token], {
    host: context.info,
    labels: ownerLabels(spec.owner),
    entrypoint: options.entrypoint,
  });
  const create = async (): Promise<() => Promise<Container>> => {
    signal?.throwIfAborted();
    const { id, start } = await makeReady(context, spec, { name, body, signal });
    return async () => {
      const reach = await start();
      signal?.throwIfAborted();
      return readBack(context, { id, name, token, wanted, reach });
    };
  };
  try {
    if (mayStart === undefined) return await inTurn(async () => (await create())());
    const start = await inTurn(create);
    await mayStart();
    return await inTurn(start);
  } catch (error) {
    context.removals.schedule(name);
    throw error;
  }
}

async function makeReady(
  context: ContainerContext,
  spec: SandboxSpec,
  {
    name,
    body,
    signal,
  }: { readonly name: string; readonly body: object; readonly signal: AbortSignal | undefined },
): Promise<{ readonly id: string; readonly start: () => Promise<StartedReach> }> {
  const { client } = context;
  const what = `create the sandbox ${name} from ${spec.image.reference}`;
  const { Id: id } = await client.json(
    { method: 'POST', path: '/containers/create', query: { name }, body, what },
    created,
  );
  signal?.throwIfAborted();
  if (spec.service !== undefined) await furnish(client, { id, name, signal }, spec.service);
  const start = await readyToStart(
    context,
    { id, name, service: 'main' },
    {
      ...(spec.gate === undefined ? {} : { gate: spec.gate }),
      network: networkOf(spec),
      blockPrivate: spec.blockPrivate ?? false,
      ownRanges: spec.service?.wiring.subnets ?? [],
      capAdd: spec.service?.spec.capAdd ?? [],
      choosesResolvers: (spec.service?.spec.dns.servers ?? []).length > 0,
    },
  );
  signal?.throwIfAborted();
  return { id, start };
}

/** Brings what a compose file gives a container before it starts. */
async function furnish(
  client: ContainerContext['client'],
  {
    id,
    name,
    signal,
  }: { readonly id: string; readonly name: string; readonly signal: AbortSignal | undefined },
  { spec, wiring }: NonNullable<SandboxSpec['service']>,
): Promise<void> {
  await connectOthers(client, { id, wiring });
  const archive = containerArchive(client, { id, label: name, host: await openHostView(null) });
  await putServiceFiles(archive, spec, signal);
}

async function readBack(
  context: ContainerContext,
  {
    id,
    name,
    token,
    wanted,
    reach,
  }: {
    readonly id: string;
    readonly name: string;
    readonly token: SandboxToken;
    readonly wanted: WantedLimits;
    readonly reach: StartedReach;
  },
): Promise<Container> {
  const report = await inspectContainer(context.client, id, `inspect the sandbox ${name}`);
  const source = { containerId: id, hostPid: report.hostPid, token };
  const host = await openHostView(context.isLocal ? source : null);
  const limits = appliedLimits(wanted, report, { kernel: await host.limits(), reach });
  const streams = engineStreams(context.client, { id, label: name, token, host });
  return { id, name, report, limits, streams, host };
}
