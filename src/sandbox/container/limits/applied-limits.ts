import { mebibytes } from '../../mebibytes.js';
import type { WantedLimits } from '../container-request.js';
import type { HostLimits } from './host-view.js';
import type { AppliedLimits, NetworkReach } from '../../sandbox.js';

/** What the engine reports of a started container, as far as limits go. */
export interface ReportedContainer {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  readonly network: string;
  /** Names of the environment variables that PID 1 got. */
  readonly environment: readonly string[];
  readonly privileged: boolean;
}

/** What a started container can reach, and why less could not be enforced (`refusal`, null when nothing failed). */
export interface StartedReach {
  readonly reach: NetworkReach;
  readonly refusal: string | null;
}

/** What no sandbox may have: each of them reaches out of the container. */
const dangerous = [
  'CAP_SYS_ADMIN',
  'CAP_SYS_PTRACE',
  'CAP_SYS_MODULE',
  'CAP_DAC_READ_SEARCH',
  'CAP_NET_ADMIN',
  'CAP_SYS_RAWIO',
];
const proxyNames = /^(https?|ftp|all|no)_proxy$/i;

/**
 * The limits in force. The kernel's own numbers win over the engine's report; a limit that was asked for and is not
 * in force becomes a warning for the record.
 */
export function appliedLimits(
  wanted: WantedLimits,
  reported: ReportedContainer,
  found: { readonly kernel: HostLimits; readonly reach: StartedReach },
): AppliedLimits {
  const { kernel, reach } = found;
  const applied = {
    cpus: kernel.cpus ?? reported.cpus,
    memoryBytes: kernel.memoryBytes ?? reported.memoryBytes,
    pids: kernel.pids ?? reported.pids,
  };
  const warnings = [...wanted.clamped];
  if (differs(wanted.cpus, applied.cpus))
    warnings.push(`cpus: ${shown(wanted.cpus)} wanted, ${shown(applied.cpus)} in force`);
  if (differs(wanted.memoryBytes, applied.memoryBytes)) {
    warnings.push(
      `memory: ${shownMemory(wanted.memoryBytes)} wanted, ${shownMemory(applied.memoryBytes)} in force`,
    );
  }
  if (differs(wanted.pids, applied.pids))
    warnings.push(`pids: ${shown(wanted.pids)} wanted, ${shown(applied.pids)} in force`);
  if (wanted.network === 'none' && reported.network !== 'none') {
    warnings.push(`network: none wanted, ${reported.network} in force`);
  }
  if (reach.refusal !== null)
    warnings.push(`network: the sandbox can reach this machine's own addresses (${reach.refusal})`);
  if (reported.privileged) warnings.push('the container is privileged');
  const capabilities = kernel.capabilities ?? [];
  const excess = capabilities.filter(
    (name) => dangerous.includes(name) && !wanted.capabilities.includes(name),
  );
  if (excess.length > 0)
    warnings.push(`capabilities: ${excess.join(', ')} granted by the engine's configuration`);
  const proxies = reported.environment.filter(
    (name) => proxyNames.test(name) && !wanted.variables.includes(name),
  );
  if (proxies.length > 0)
    warnings.push(
      `environment: ${proxies.join(', ')} passed on by the engine (set http_proxy=false in containers.conf)`,
    );
  return { ...applied, network: reported.network, reach: reach.reach, capabilities, warnings };
}

/** Kernels round to pages and periods: within 1% is the same. */
function differs(wanted: number | null, applied: number | null): boolean {
  if (wanted === null) return false;
  return applied === null || Math.abs(applied - wanted) > wanted * 0.01;
}

function shown(value: number | null): string {
  return value === null ? 'no limit' : String(Math.round(value * 1000) / 1000);
}

function shownMemory(value: number | null): string {
  return value === null ? 'no limit' : mebibytes(value);
}
