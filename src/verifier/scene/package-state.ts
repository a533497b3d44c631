import { mostLines } from '../../base/number/most-lines.js';
import { sleep } from '../../base/deadline.js';
import { readShellProgram } from '../../base/shell/shell-program.js';
import { bash } from '../../sandbox/bash.js';
import { execSafely } from '../exec-safely.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { PackageState } from '../../record/evidence/scene-evidence.js';

/** How long a lock is waited for while something in the sandbox still works. */
const lockWaitMs = 60_000;
/** How long it is waited for while nothing there uses any CPU time. */
const stallMs = 8_000;
const pollEveryMs = 500;
const lookLimitMs = 20_000;

const program = readShellProgram('./package-state.sh', import.meta.url);

interface PackageReport {
  readonly holders: readonly {
    readonly pid: number;
    readonly parent: number;
    readonly lock: string;
    readonly command: string;
  }[];
  readonly halfConfigured: readonly string[];
  readonly interrupted: boolean;
  /** CPU time of all living processes in the kernel's ticks; looking is worth a few itself. */
  readonly ticks: number;
}

/** Reads the lines of package-state.sh; what does not fit the format is passed over. */
export function parsePackageReport(output: string): PackageReport {
  const lines = output.split('\n', mostLines);
  const holders = lines.flatMap((line) => {
    const [, pid, parent, lock, command] = /^holder (\d+) (\d+) (\/\S+) (.*)$/.exec(line) ?? [];
    if (pid === undefined || parent === undefined || lock === undefined || command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), lock, command: command.slice(0, 100) }];
  });
  const halfConfigured = lines.flatMap((line) => /^half ([\w.+-]+)$/.exec(line)?.[1] ?? []);
  const ticks = lines.map((line) => /^ticks (\d+)$/.exec(line)?.[1]).find((found) => found !== undefined);
  return { holders, halfConfigured, interrupted: lines.includes('interrupted'), ticks: Number(ticks ?? 0) };
}

/**
 * Records the package manager's state and waits until nobody holds its locks: a minute while there is progress,
 * a few seconds when nothing moves. A holder that outlasts the wait and has lost its parent is what remained of
 * a killed command: it is ended, and that is recorded. A holder that still has a parent is the agent's own
 * business. Nothing is repaired.
 */
export async function waitForPackageManager(sandbox: Sandbox, signal: AbortSignal): Promise<PackageState> {
  const startedAt = performance.now();
  const first = await look(sandbox, signal);
  const waited = await waitForLocks(sandbox, first, signal);
  const orphans = waited.holders.filter(({ parent }) => parent <= 1);
  const last = orphans.length === 0 ? waited : await endHolders(sandbox, orphans, signal);
  return {
    holders: first.holders.map(({ pid, command, lock }) => ({ pid, command, lock })),
    half_configured: last.halfConfigured.slice(0, 50),
    interrupted: last.interrupted,
    waited_ms: first.holders.length === 0 ? 0 : Math.round(performance.now() - startedAt),
    ended: [...new Set(orphans.map(({ pid, command }) => `${command} (${pid})`))],
  };
}

async function waitForLocks(
  sandbox: Sandbox,
  first: PackageReport,
  signal: AbortSignal,
): Promise<PackageReport> {
  const startedAt = performance.now();
  let last = first;
  let moved = { at: startedAt, ticks: first.ticks };
  while (last.holders.length > 0) {
    const now = performance.now();
    if (now - startedAt > lockWaitMs || now - moved.at > stallMs) return last;
    await sleep(pollEveryMs, signal);
    last = await look(sandbox, signal);
    if (last.ticks > moved.ticks + idleTicks) moved = { at: performance.now(), ticks: last.ticks };
  }
  return last;
}

async function endHolders(
  sandbox: Sandbox,
  holders: PackageReport['holders'],
  signal: AbortSignal,
): Promise<PackageReport> {
  const pids = [...new Set(holders.map(({ pid }) => String(pid)))];
  const argv = bash(sandbox, 'kill -9 "$@"', pids);
  await execSafely(sandbox, argv, { user: '0', cwd: '/', timeoutMs: lookLimitMs, signal });
  return look(sandbox, signal);
}

/** Ticks that the supervisor and our looking may take without anything having moved. */
const idleTicks = 5;

async function look(sandbox: Sandbox, signal: AbortSignal): Promise<PackageReport> {
  const result = await execSafely(sandbox, bash(sandbox, program), {
    user: '0',
    cwd: '/',
    timeoutMs: lookLimitMs,
    signal,
  });
  return parsePackageReport(result.stdout);
}
