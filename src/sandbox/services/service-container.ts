import type { Readable } from 'node:stream';
import { z } from 'zod';
import { uniqueSuffix } from '../../base/process-identity.js';
import { containerName, ownerLabels } from '../cleanup/labels.js';
import { endContainer, stopContainer } from '../cleanup/removals.js';
import { containerArchive } from '../container/container-archive.js';
import type { ContainerContext } from '../container/create-container.js';
import { openHostView } from '../container/limits/host-view.js';
import { readyToStart } from '../container/ready-to-start.js';
import { unpack } from '../files/unpack.js';
import type { SandboxOwner } from '../cleanup/sandbox-owner.js';
import type { NetworkGate } from '../network/gate/network-gate.js';
import type { ExecOptions } from '../sandbox.js';
import { putServiceFiles } from './service-files.js';
import type { EnvironmentMember, ServiceState } from './environment-member.js';
import { wholeHealthcheck } from './image-healthcheck.js';
import { connectOthers } from './connect-networks.js';
import { proveInside, runIn } from './service-exec.js';
import { logBytes, readLog } from './service-log.js';
import { serviceRequest } from './service-request.js';
import type { WholeHealthcheck } from '../../record/service-spec.js';
import type { Sidecar, Wiring } from './project-spec.js';
import { pidsLimit } from '../pids-limit.js';

/** A running service that is no sandbox of an agent. */
export interface ServiceContainer extends EnvironmentMember {
  readonly name: string;
  /** Why its network could not be guarded; null when it is. */
  readonly refusal: string | null;
  /** Its test of health, the image's own filled in; null when it has none. */
  readonly healthcheck: WholeHealthcheck | null;
  state(signal?: AbortSignal): Promise<ServiceState>;
  /** The end of what it printed; bounded. */
  log(signal?: AbortSignal): Promise<string>;
}

const created = z.object({ Id: z.string() });
const report = z.object({
  Config: z.object({ Hostname: z.string().nullish(), User: z.string().nullish() }),
  State: z.object({ Running: z.boolean(), ExitCode: z.number().nullish(), OOMKilled: z.boolean().nullish() }),
});

/** Creates and starts a service: its files first, its networks guarded, its output kept by the engine within bounds. */
export async function startService(
  context: ContainerContext,
  { spec, image }: Sidecar,
  options: {
    readonly owner: SandboxOwner;
    readonly wiring: Wiring;
    readonly blockPrivate: boolean;
    readonly gate: NetworkGate | null;
    /** Waited for between creation and start. */
    readonly mayStart: () => Promise<void>;
    readonly signal: AbortSignal | undefined;
  },
): Promise<ServiceContainer> {
  const { client } = context;
  const { owner, wiring, blockPrivate, gate, mayStart, signal } = options;
  signal?.throwIfAborted();
  const name = containerName(`${owner.trial}-${spec.name}`, uniqueSuffix());
  const request = createRequest(context.info, { spec, image }, { owner, wiring });
  try {
    const what = `create the service ${spec.name} from ${image.reference}`;
    const create = { method: 'POST', path: '/containers/create', query: { name }, body: request } as const;
    const { Id: id } = await client.json({ ...create, what }, created);
    await connectOthers(client, { id, wiring });
    const view = await openHostView(null);
    const archive = containerArchive(client, { id, label: name, host: view });
    await putServiceFiles(archive, spec, signal);
    signal?.throwIfAborted();
    const network = wiring.networks.length === 0 ? 'none' : 'public';
    const policed = gate === null || network === 'none' ? {} : { gate };
    const { capAdd } = spec;
    const choosesResolvers = spec.dns.servers.length > 0;
    const own = {
      network,
      blockPrivate,
      ownRanges: wiring.subnets,
      capAdd,
      choosesResolvers,
      ...policed,
    } as const;
    const start = await readyToStart(context, { id, name, service: spec.name }, own);
    await mayStart();
    const { refusal } = await start();
    return await serviceContainer(context, { id, name, archive, refusal, sidecar: { spec, image } });
  } catch (error) {
    context.removals.schedule(name);
    throw error;
  }
}

/** What the engine is asked for: the service as its file has it, with our labels, limits and log. */
function createRequest(
  info: ContainerContext['info'],
  { spec, image }: Sidecar,
  { owner, wiring }: { readonly owner: SandboxOwner; readonly wiring: Wiring },
): object {
  const { body, host } = serviceRequest(spec, wiring);
  const memory = spec.memoryBytes === null ? {} : { Memory: spec.memoryBytes, MemorySwap: spec.memoryBytes };
  return {
    Image: image.id === '' ? image.reference : image.id,
    ...(spec.entrypoint === null ? {} : { Entrypoint: spec.entrypoint, Cmd: [] }),
    ...(spec.command === null ? {} : { Cmd: spec.command }),
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    ...(spec.workdir === null ? {} : { WorkingDir: spec.workdir }),
    ...(spec.user === null ? {} : { User: spec.user }),
    Labels: { ...ownerLabels(owner), 'tbench.service': spec.name },
    Healthcheck: { Test: ['NONE'] },
    ...(spec.stdinOpen ? { OpenStdin: true } : {}),
    ...(spec.tty ? { Tty: true } : {}),
    ...body,
    HostConfig: {
      ...host,
      ...memory,
      ...(spec.cpus === null ? {} : { NanoCpus: Math.round(Math.min(spec.cpus, info.cpus) * 1e9) }),
      PidsLimit: spec.pids ?? pidsLimit,
      ...(spec.init ? { Init: true } : {}),
      ...(spec.restart === null ? {} : { RestartPolicy: restartPolicy(spec.restart) }),
      LogConfig: logConfig(info.name),
    },
  };
}

function restartPolicy(restart: string): object {
  const [name = 'no', count] = restart.split(':');
  return { Name: name, ...(count === undefined ? {} : { MaximumRetryCount: Number(count) }) };
}

function logConfig(engine: 'podman' | 'docker'): object {
  return engine === 'podman'
    ? { Type: 'k8s-file', Config: { 'max-size': String(logBytes) } }
    : { Type: 'json-file', Config: { 'max-size': String(logBytes), 'max-file': '1' } };
}

async function serviceContainer(
  context: ContainerContext,
  parts: {
    readonly id: string;
    readonly name: string;
    readonly archive: ReturnType<typeof containerArchive>;
    readonly refusal: string | null;
    readonly sidecar: Sidecar;
  },
): Promise<ServiceContainer> {
  const { client, removals } = context;
  const { id, name, archive, refusal, sidecar } = parts;
  const { spec } = sidecar;
  const inspect = (signal?: AbortSignal) =>
    client.json(
      { method: 'GET', path: `/containers/${id}/json`, signal, what: `inspect service ${spec.name}` },
      report,
    );
  const { Config: config } = await inspect();
  let proof: Promise<void> | undefined;
  const run = (argv: readonly string[], options: ExecOptions) =>
    runIn(client, { id, label: name }, argv, options);
  const prove = (): Promise<void> => (proof ??= proveInside(run, config.Hostname ?? ''));
  let isOver = false;
  return {
    id: name,
    name: spec.name,
    user: config.User || 'root',
    refusal,
    healthcheck: await wholeHealthcheck(client, spec.healthcheck, sidecar.image),
    exec: async (argv, options) => {
      await prove();
      return run(argv, options);
    },
    stat: (path, signal) => archive.statPath(path, signal),
    download: async (path, hostDir, limits, signal) => {
      const tar: Readable | null = await archive.getArchive(path, signal);
      return tar === null ? null : unpack(tar, hostDir, limits);
    },
    state: async (signal) => {
      const { State: state } = await inspect(signal);
      return {
        isRunning: state.Running,
        exitCode: state.ExitCode ?? 0,
        wasKilledForMemory: state.OOMKilled === true,
      };
    },
    log: (signal) => readLog(client, { id, isTerminal: spec.tty }, signal),
    stop: () => stopContainer(client, id, spec.stopGraceMs ?? 0),
    end: async () => {
      await endContainer(client, id);
      isOver = true;
    },
    [Symbol.asyncDispose]: () => {
      if (!isOver) removals.schedule(id);
      isOver = true;
      return Promise.resolve();
    },
  };
}
