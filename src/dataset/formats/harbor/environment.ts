import { TaskError } from '../../../base/errors.js';
import type { EnvironmentToml, NetworkToml } from './schema.js';
import { parseAllowedHost } from '../../../record/network-policy.js';
import type { ComposeSource } from '../../compose.js';
import type { TaskHealthcheck } from '../../healthcheck.js';
import type { TaskEnvironment, TaskMcpServer, TaskNetwork } from '../../task.js';

const mebibyte = 1024 * 1024;

/** What the folder (not the table) says about how to get the image. */
export interface BuildRecipe {
  readonly buildContext: string | null;
  readonly dockerfile: string;
  readonly workdirFiles?: string | null;
  readonly compose?: ComposeSource | null;
  readonly unsupported?: readonly string[];
}

/**
 * Turns an `[environment]` table into a `TaskEnvironment`. `where` is `file: key` of the table, for errors
 * about contradictions (a limit given twice, an allowlist without hosts).
 */
export function toEnvironment(where: string, table: EnvironmentToml, recipe: BuildRecipe): TaskEnvironment {
  refuseDifferent(where, table, 'memory', 'memory_mb');
  refuseDifferent(where, table, 'storage', 'storage_mb');
  if (table.image !== undefined && table.docker_image !== undefined && table.image !== table.docker_image)
    throw new TaskError(`${where}: image and docker_image name different images`);
  return {
    dockerImage: table.docker_image ?? table.image ?? null,
    buildContext: recipe.buildContext,
    dockerfile: recipe.dockerfile,
    workdirFiles: recipe.workdirFiles ?? null,
    compose: recipe.compose ?? null,
    unsupported: recipe.unsupported ?? [],
    buildTimeoutMs: table.build_timeout_sec * 1000,
    cpus: table.cpus ?? null,
    memoryBytes: sizeBytes(table.memory_mb, table.memory),
    storageBytes: sizeBytes(table.storage_mb, table.storage),
    gpus: table.gpus ?? 0,
    gpuTypes: table.gpu_types ?? [],
    tpu: table.tpu ?? null,
    os: table.os,
    env: table.env,
    workdir: table.workdir ?? null,
    healthcheck: table.healthcheck === undefined ? null : toHealthcheck(table.healthcheck),
    mcpServers: table.mcp_servers.map((server) => toMcpServer(where, server)),
    skillsDir: table.skills_dir ?? null,
    network: toEnvironmentNetwork(where, table),
  };
}

/** `network_mode` and `allowed_hosts` of a table; the mode stays null when the table inherits it. */
export function toNetwork(where: string, table: NetworkToml): TaskNetwork {
  const mode = table.network_mode ?? null;
  const allowedHosts = table.allowed_hosts ?? [];
  const odd = allowedHosts.find((host) => parseAllowedHost(host) === null);
  if (odd !== undefined)
    throw new TaskError(`${where}.allowed_hosts: "${odd}" is no host`, {
      hint: 'names, *.name, addresses and ranges such as 192.0.2.0/24 are; URLs and ports are not',
    });
  if (mode !== null && mode !== 'allowlist' && allowedHosts.length > 0)
    throw new TaskError(`${where}.allowed_hosts contradicts network_mode = "${mode}"`, {
      hint: 'use network_mode = "allowlist" or remove allowed_hosts',
    });
  return { mode, allowedHosts };
}

function toEnvironmentNetwork(where: string, table: EnvironmentToml): TaskNetwork {
  const network = toNetwork(where, table);
  // The deprecated key counts, as in Harbor, only where neither of its successors is given.
  if (table.allow_internet === undefined || network.mode !== null || table.allowed_hosts !== undefined)
    return network;
  return { ...network, mode: table.allow_internet ? 'public' : 'no-network' };
}

/** The same limit in both spellings is one limit. */
function refuseDifferent(
  where: string,
  table: EnvironmentToml,
  oldKey: 'memory' | 'storage',
  newKey: 'memory_mb' | 'storage_mb',
): void {
  const [old, given] = [table[oldKey], table[newKey]];
  if (old !== undefined && given !== undefined && sizeBytes(given, undefined) !== sizeBytes(undefined, old))
    throw new TaskError(
      `${where}: both ${oldKey} = "${table[oldKey]}" and ${newKey} = ${table[newKey]} are given`,
      {
        hint: `keep ${newKey}; ${oldKey} is its old spelling`,
      },
    );
}

function sizeBytes(mebibytes: number | undefined, old: string | undefined): number | null {
  if (mebibytes !== undefined) return Math.round(mebibytes * mebibyte);
  if (old === undefined) return null;
  const unit = { K: 1024, M: mebibyte, G: 1024 * mebibyte }[old.trim().slice(-1).toUpperCase()];
  return unit === undefined ? null : Math.round(Number.parseFloat(old) * unit);
}

export function toHealthcheck(table: NonNullable<EnvironmentToml['healthcheck']>): TaskHealthcheck {
  return {
    command: table.command,
    intervalMs: table.interval_sec * 1000,
    timeoutMs: table.timeout_sec * 1000,
    startPeriodMs: table.start_period_sec * 1000,
    startIntervalMs: table.start_interval_sec * 1000,
    retries: table.retries,
  };
}

function toMcpServer(where: string, server: EnvironmentToml['mcp_servers'][number]): TaskMcpServer {
  const transport = server.transport === 'http' ? 'streamable-http' : server.transport;
  const needed = transport === 'stdio' ? 'command' : 'url';
  if (server[needed] === undefined)
    throw new TaskError(`${where}.mcp_servers: "${server.name}" uses ${transport} and needs a ${needed}`);
  return {
    name: server.name,
    transport,
    url: server.url ?? null,
    command: server.command ?? null,
    args: server.args,
  };
}
