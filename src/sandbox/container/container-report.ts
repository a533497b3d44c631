import { z } from 'zod';
import type { ReportedContainer } from './limits/applied-limits.js';
import type { EngineClient } from '../connection/engine-client.js';

const schema = z.object({
  State: z.object({ Pid: z.number().nullish(), Running: z.boolean() }),
  Config: z.object({
    Env: z.array(z.string()).nullish(),
    WorkingDir: z.string().nullish(),
    User: z.string().nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  HostConfig: z.object({
    NanoCpus: z.number().nullish(),
    CpuQuota: z.number().nullish(),
    CpuPeriod: z.number().nullish(),
    Memory: z.number().nullish(),
    PidsLimit: z.number().nullish(),
    NetworkMode: z.string().nullish(),
    Privileged: z.boolean().nullish(),
    Tmpfs: z.record(z.string(), z.unknown()).nullish(),
  }),
  Mounts: z
    .array(
      z.object({
        Type: z.string().nullish(),
        Source: z.string().nullish(),
        Destination: z.string().nullish(),
      }),
    )
    .nullish(),
  ResolvConfPath: z.string().nullish(),
  GraphDriver: z.object({ Data: z.object({ UpperDir: z.string().nullish() }).nullish() }).nullish(),
});

/** A started container as the engine describes it. */
export interface ContainerReport extends ReportedContainer {
  readonly running: boolean;
  readonly hostPid: number;
  readonly workdir: string;
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly upperDir: string | null;
  /** The engine's file, on its host, that names what resolves names for the container. */
  readonly resolvConfPath: string | null;
  /** Folders on the engine's host that hold the volumes which the image declares. */
  readonly volumeDirs: readonly string[];
  /** Folders in the container whose content lies beside its own files: volumes and memory file systems. */
  readonly mounts: readonly string[];
}

/** Reads it from the engine. */
export async function inspectContainer(
  client: EngineClient,
  id: string,
  what: string,
): Promise<ContainerReport> {
  return containerReport(await client.json({ method: 'GET', path: `/containers/${id}/json`, what }, schema));
}

function containerReport(answer: z.infer<typeof schema>): ContainerReport {
  const { State: state, Config: config, HostConfig: host } = answer;
  const pairs = (config.Env ?? []).map((line): [string, string] => {
    const at = line.indexOf('=');
    return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
  });
  return {
    running: state.Running,
    hostPid: state.Pid ?? 0,
    workdir: nonEmpty(config.WorkingDir) ?? '/',
    user: nonEmpty(config.User) ?? 'root',
    env: Object.fromEntries(pairs),
    labels: config.Labels ?? {},
    environment: pairs.map(([name]) => name),
    resolvConfPath: nonEmpty(answer.ResolvConfPath),
    upperDir: nonEmpty(answer.GraphDriver?.Data?.UpperDir),
    volumeDirs: (answer.Mounts ?? []).flatMap(({ Type: type, Source: source }) =>
      type === 'volume' && source ? [source] : [],
    ),
    mounts: mountsOf(answer),
    cpus: positive(host.NanoCpus, 1e9) ?? positive(host.CpuQuota, host.CpuPeriod ?? 100_000),
    memoryBytes: positive(host.Memory, 1),
    pids: positive(host.PidsLimit, 1),
    network: host.NetworkMode ?? 'unknown',
    privileged: host.Privileged ?? false,
  };
}

function mountsOf({ Mounts: mounts, HostConfig: host }: z.infer<typeof schema>): readonly string[] {
  const named = (mounts ?? []).flatMap(({ Type: type, Destination: place }) =>
    (type === 'volume' || type === 'tmpfs') && place ? [place] : [],
  );
  return [...new Set([...named, ...Object.keys(host.Tmpfs ?? {}), '/dev/shm'])];
}

function positive(value: number | null | undefined, unit: number): number | null {
  return value === null || value === undefined || value <= 0 ? null : value / unit;
}

function nonEmpty(text: string | null | undefined): string | null {
  return text === null || text === undefined || text === '' ? null : text;
}
