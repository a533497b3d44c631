import type { EngineInfo } from '../container-engine.js';
import { mebibytes } from '../mebibytes.js';
import type { Labels } from '../cleanup/labels.js';
import type { SandboxSpec } from '../sandbox.js';
import { capabilityName } from '../../record/service-spec.js';
import { serviceRequest } from '../services/service-request.js';

/** Body of `POST /containers/create`, and the limits as they were clamped to the host. */
export interface ContainerRequest {
  readonly body: object;
  readonly wanted: WantedLimits;
}

export interface WantedLimits {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  readonly network: SandboxSpec['network'];
  /** What the task itself asks for: capabilities as `CAP_*` names, and names of variables. */
  readonly capabilities: readonly string[];
  readonly variables: readonly string[];
  /** One line for each limit that the host cannot give. */
  readonly clamped: readonly string[];
}

/**
 * The container for a sandbox. `init` takes the place of the image's command: it is what the image's entry point runs, and
 * PID 1 where there is none (see readImageSettings) or where that ends in `exec "$@"`. The image's
 * WORKDIR, USER and ENV stay unless the spec names others. Output of PID 1 is not logged: it is ours to read.
 */
export function containerRequest(
  spec: SandboxSpec,
  init: readonly string[],
  context: {
    readonly host: Pick<EngineInfo, 'cpus' | 'memoryBytes'>;
    readonly labels: Labels;
    readonly entrypoint?: readonly string[];
  },
): ContainerRequest {
  const wanted = clampLimits(spec, context.host);
  const service = spec.service === undefined ? null : serviceRequest(spec.service.spec, spec.service.wiring);
  const [program = '', ...command] = [...(context.entrypoint ?? []), ...init];
  const body = {
    Image: spec.image.id === '' ? spec.image.reference : spec.image.id,
    Entrypoint: [program],
    Cmd: command,
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    ...(spec.workdir === null ? {} : { WorkingDir: spec.workdir }),
    ...(spec.user === null ? {} : { User: spec.user }),
    Labels: context.labels,
    OpenStdin: true,
    StdinOnce: false,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Healthcheck: { Test: ['NONE'] },
    ...service?.body,
    HostConfig: {
      NetworkMode: spec.network === 'none' ? 'none' : 'default',
      // Docker grants both by default, podman neither: device files and raw packets are of use to no task we know.
      CapDrop: ['MKNOD', 'NET_RAW'],
      ...service?.host,
      LogConfig: { Type: 'none', Config: {} },
      ...(wanted.cpus === null ? {} : { NanoCpus: Math.round(wanted.cpus * 1e9) }),
      // Swap equal to memory means no swap: a memory limit that can be swapped around is none.
      ...(wanted.memoryBytes === null ? {} : { Memory: wanted.memoryBytes, MemorySwap: wanted.memoryBytes }),
      ...(wanted.pids === null ? {} : { PidsLimit: wanted.pids }),
    },
  };
  return { body, wanted };
}

/** The network that a container has: of a compose file's, the trial's own, which lead outside or not. */
export function networkOf({
  network,
  service,
}: Pick<SandboxSpec, 'network' | 'service'>): SandboxSpec['network'] {
  if (service === undefined) return network;
  return service.wiring.networks.length === 0 ? 'none' : 'public';
}

/** A task may ask for more cpus than the host has; engines refuse that, so it gets what there is. */
export function clampLimits(spec: SandboxSpec, host: Pick<EngineInfo, 'cpus' | 'memoryBytes'>): WantedLimits {
  const clamped: string[] = [];
  const capabilities = (spec.service?.spec.capAdd ?? []).map((name) => `CAP_${capabilityName(name)}`);
  const cpus = spec.cpus === null ? null : Math.min(spec.cpus, host.cpus);
  if (cpus !== spec.cpus) clamped.push(`cpus: ${spec.cpus ?? 0} wanted, the host has ${host.cpus}`);
  if (spec.memoryBytes !== null && spec.memoryBytes > host.memoryBytes) {
    clamped.push(
      `memory: ${mebibytes(spec.memoryBytes)} wanted, the host has ${mebibytes(host.memoryBytes)}`,
    );
  }
  return {
    cpus,
    memoryBytes: spec.memoryBytes,
    pids: spec.pidsLimit,
    network: networkOf(spec),
    capabilities,
    variables: Object.keys(spec.env),
    clamped,
  };
}
