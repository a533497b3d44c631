import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isCommandLineOf, type SandboxToken } from '../../sandbox-token.js';
import { boundingSet } from './capabilities.js';

/**
 * What this machine can see of a container without asking the engine: its cgroup and its mounted root. Only for a
 * local engine that shares our pid and mount namespaces; elsewhere every answer is null.
 */
export interface HostView {
  /** Whether PID 1 still runs; null where this machine cannot tell. */
  isRunning(): Promise<boolean | null>;
  root(): Promise<string | null>;
  oomKills(): Promise<number | null>;
  memoryPeakBytes(): Promise<number | null>;
  throttledMs(): Promise<number | null>;
  /** Limits in force in the kernel; null for what cannot be read. */
  limits(): Promise<HostLimits>;
}

export interface HostLimits {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  /** Bounding set of PID 1: the most that any process inside can get. */
  readonly capabilities: readonly string[] | null;
}

export interface HostViewSource {
  readonly containerId: string;
  /** PID 1 of the container as the host numbers it. */
  readonly hostPid: number;
  readonly token: SandboxToken;
}

/** The folder of each cgroup controller of one container (all the same under cgroup v2). */
interface Cgroups {
  readonly version: 1 | 2;
  readonly memory: string;
  readonly cpu: string;
  readonly pids: string;
}

/** Looks once where the container's cgroups are; the answers are read afresh each time. */
export async function openHostView(source: HostViewSource | null): Promise<HostView> {
  const cgroups = source === null ? null : await findCgroups(source);
  return {
    isRunning: async () =>
      source === null || cgroups === null ? null : isProcessOf(source.containerId, source.hostPid),
    root: () => (source === null || cgroups === null ? Promise.resolve(null) : mountedRoot(source)),
    oomKills: () => {
      if (cgroups === null) return Promise.resolve(null);
      const file = cgroups.version === 2 ? 'memory.events' : 'memory.oom_control';
      return Promise.resolve(counter(readNow(join(cgroups.memory, file)), 'oom_kill'));
    },
    memoryPeakBytes: async () => {
      if (cgroups === null) return null;
      return bytes(
        await readText(
          join(cgroups.memory, cgroups.version === 2 ? 'memory.peak' : 'memory.max_usage_in_bytes'),
        ),
      );
    },
    throttledMs: async () => {
      if (cgroups === null) return null;
      const text = await readText(join(cgroups.cpu, 'cpu.stat'));
      // Microseconds under cgroup v2, nanoseconds under v1.
      const [name, aMs] =
        cgroups.version === 2 ? (['throttled_usec', 1e3] as const) : (['throttled_time', 1e6] as const);
      const value = counter(text, name);
      return value === null ? null : value / aMs;
    },
    limits: async () => {
      if (source === null || cgroups === null)
        return { cpus: null, memoryBytes: null, pids: null, capabilities: null };
      const capabilities = boundingSet(await readText(`/proc/${source.hostPid}/status`));
      return { ...(await readLimits(cgroups)), capabilities };
    },
  };
}

/** The pid is the engine's word; that its cgroup carries the container's id proves that it is ours to read. */
async function findCgroups({ hostPid, containerId }: HostViewSource): Promise<Cgroups | null> {
  const text = await cgroupFile(hostPid);
  if (!text.includes(containerId)) return null;
  const paths = parseCgroupFile(text);
  const unified = paths.get('');
  const memory = paths.get('memory');
  if (memory !== undefined) {
    const folder = (name: string): string => join('/sys/fs/cgroup', name, paths.get(name) ?? '');
    return { version: 1, memory: folder('memory'), cpu: folder('cpu'), pids: folder('pids') };
  }
  if (unified === undefined) return null;
  // Under cgroup v2 podman may put PID 1 into a leaf named `container`; the limits are on its parent.
  const leaf = join('/sys/fs/cgroup', unified);
  const folder = leaf.endsWith('/container') ? dirname(leaf) : leaf;
  return { version: 2, memory: folder, cpu: folder, pids: folder };
}

/** Whether a process is one of a container's, by its cgroup. False where that cannot be seen. */
export async function isProcessOf(containerId: string, pid: number): Promise<boolean> {
  return (await cgroupFile(pid)).includes(containerId);
}

async function cgroupFile(pid: number): Promise<string> {
  return (pid > 0 ? await readText(`/proc/${pid}/cgroup`) : null) ?? '';
}

/** `/proc/PID/cgroup` as controller → path; the unified hierarchy is ''. */
export function parseCgroupFile(text: string): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const [, controllers = '', path = ''] of text.matchAll(/^\d+:([^:\n]*):(.*)$/gm)) {
    for (const controller of controllers.split(',')) paths.set(controller, path);
  }
  return paths;
}

async function readLimits(cgroups: Cgroups): Promise<Omit<HostLimits, 'capabilities'>> {
  const pids = bytes(await readText(join(cgroups.pids, 'pids.max')));
  if (cgroups.version === 2) {
    const [quota, period] = ((await readText(join(cgroups.cpu, 'cpu.max'))) ?? '')
      .trim()
      .split(' ')
      .map(Number);
    const memoryBytes = bytes(await readText(join(cgroups.memory, 'memory.max')));
    return { cpus: ratio(quota, period), memoryBytes, pids };
  }
  const quota = Number((await readText(join(cgroups.cpu, 'cpu.cfs_quota_us'))) ?? NaN);
  const period = Number((await readText(join(cgroups.cpu, 'cpu.cfs_period_us'))) ?? NaN);
  const memoryBytes = bytes(await readText(join(cgroups.memory, 'memory.limit_in_bytes')));
  return { cpus: ratio(quota, period), memoryBytes, pids };
}

function ratio(quota: number | undefined, period: number | undefined): number | null {
  return quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : null;
}

/** null for `max`, nothing, and cgroup v1's "no limit" (the largest multiple of a page). */
function bytes(text: string | null): number | null {
  const value = Number(text?.trim() === '' ? NaN : (text ?? NaN));
  return Number.isFinite(value) && value < 2 ** 62 ? value : null;
}

/** The number behind `name` in `name value` lines. */
export function counter(text: string | null, name: string): number | null {
  const found = text?.split('\n').find((line) => line.startsWith(`${name} `));
  return found === undefined ? null : Number(found.slice(name.length + 1));
}

/**
 * The root as the container's own processes see it, volumes and bind mounts included (overlay's merged folder shows
 * neither), and only if it is the sandbox's: a runtime that isolates nothing would show us our own. `/.` lets it be
 * opened as a folder. Only for root: others may see the folder and not its files.
 */
async function mountedRoot(source: HostViewSource): Promise<string | null> {
  if (process.getuid?.() !== 0 || !(await isProcessOf(source.containerId, source.hostPid))) return null;
  const root = `/proc/${source.hostPid}/root/.`;
  const firstProcess = (await readText(join(root, 'proc/1/cmdline'))) ?? '';
  return isCommandLineOf(source.token, firstProcess) ? root : null;
}

/** For a small file of the kernel's on the way of every command: 30 µs, against four trips to the thread pool. */
function readNow(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
