import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { HostVariables } from '../../base/host-variables.js';

/** What of this host decides how podman must be configured. */
export interface HostFacts {
  /** cgroup v1 controllers with a cgroup v2 tree beside them: crun refuses to run there. */
  readonly cgroupHybrid: boolean;
  /** Hard limit of open files of this process; null for unlimited or unknown. */
  readonly openFilesHard: number | null;
  readonly processesHard: number | null;
  /** May raise hard limits (CAP_SYS_RESOURCE). */
  readonly canRaiseLimits: boolean;
  readonly hasSystemd: boolean;
  readonly hasJournal: boolean;
  readonly hasRunc: boolean;
  readonly hasCrun: boolean;
  /** The service would hand its proxy variables to every container. */
  readonly hasProxy: boolean;
  /** Somebody has configured podman here: a containers.conf of the host or of the user, or CONTAINERS_CONF. */
  readonly isConfigured: boolean;
}

/** podman lowers its own process limit to this before it starts containers. */
export const podmanProcesses = 32_768;

const proxyNames = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap((name) => [
  name,
  name.toUpperCase(),
]);

function configurationFiles(env: HostVariables): readonly string[] {
  const configDir = env['XDG_CONFIG_HOME'] ?? join(env['HOME'] ?? '/root', '.config');
  return ['/etc/containers/containers.conf', join(configDir, 'containers/containers.conf')];
}

/** Looks at files of this host and at the variables that podman would see. */
export function readHostFacts(env: HostVariables): HostFacts {
  const { hardOf, canRaise } = readHardLimits();
  return {
    cgroupHybrid:
      existsSync('/sys/fs/cgroup/unified/cgroup.procs') && !existsSync('/sys/fs/cgroup/cgroup.controllers'),
    openFilesHard: hardOf('Max open files'),
    processesHard: hardOf('Max processes'),
    canRaiseLimits: canRaise,
    hasSystemd: existsSync('/run/systemd/system'),
    hasJournal: existsSync('/run/systemd/journal/socket'),
    hasRunc: findProgram('runc', env) !== null,
    hasCrun: findProgram('crun', env) !== null,
    hasProxy: proxyNames.some((name) => (env[name] ?? '') !== ''),
    isConfigured:
      (env['CONTAINERS_CONF'] ?? '') !== '' || configurationFiles(env).some((file) => existsSync(file)),
  };
}

/** Path of a program on PATH, or in the sbin folders that an ordinary user's PATH lacks. */
export function findProgram(name: string, env: HostVariables): string | null {
  const folders = [
    ...(env['PATH'] ?? '').split(delimiter),
    '/usr/local/bin',
    '/usr/bin',
    '/usr/sbin',
    '/sbin',
  ];
  return (
    folders
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path)) ?? null
  );
}

/** What this process may not go beyond, by the rows of /proc/self/limits. */
export function readHardLimits(): {
  readonly hardOf: (row: string) => number | null;
  readonly canRaise: boolean;
} {
  const limits = readText('/proc/self/limits');
  return { hardOf: (row) => hardLimit(limits, row), canRaise: canRaiseLimits(readText('/proc/self/status')) };
}

/** The hard column of one row of /proc/PID/limits. */
export function hardLimit(limits: string, row: string): number | null {
  const line = limits.split('\n').find((candidate) => candidate.startsWith(row));
  const [, hard] = line?.slice(row.length).trim().split(/\s+/) ?? [];
  const value = Number(hard);
  return Number.isInteger(value) ? value : null;
}

function canRaiseLimits(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && ((BigInt(`0x${mask}`) >> 24n) & 1n) === 1n;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
