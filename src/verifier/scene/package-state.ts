import { sleep } from '../../base/deadline.js';
import { execSafely } from '../exec-safely.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { PackageState } from '../../record/evidence/scene-evidence.js';

/** How long a lock is waited for while something in the sandbox still works, and when nothing does. */
const lockWaitMs = 60_000;
const stallMs = 8_000;
const pollEveryMs = 500;
const probeTimeoutMs = 20_000;

/**
 * Bash builtins only: the agent may have replaced every tool. A lock is taken as held by whoever has its file
 * open; apt and dpkg keep it open exactly as long.
 */
const probe = [
  'for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock; do',
  '  [[ -e $lock ]] || continue',
  '  for fd in /proc/[0-9]*/fd/*; do',
  '    [[ $fd -ef $lock ]] || continue',
  '    pid=${fd#/proc/}; pid=${pid%%/*}; parent=; name=',
  '    while read -r key value; do case $key in Name:) name=$value;; PPid:) parent=$value;; esac; done </proc/$pid/status',
  '    echo "holder $pid $parent $lock $name"',
  '  done',
  'done 2>/dev/null',
  'ticks=0; for stat in /proc/[0-9]*/stat; do read -r line <$stat || continue; set -- ${line##*) }; ticks=$((ticks + ${12} + ${13})); done 2>/dev/null',
  'echo "ticks $ticks"',
  'for entry in /var/lib/dpkg/updates/[0-9]*; do [[ -e $entry ]] && echo interrupted; done',
  'status=$(</var/lib/dpkg/status) 2>/dev/null',
  'if [[ $status =~ (half-configured|half-installed|triggers-pending|triggers-awaited|ok\\ unpacked) ]]; then',
  '  while read -r key value; do',
  '    case $key in Package:) package=$value;; Status:) [[ $value == *\\ installed || $value == *config-files || $value == *not-installed ]] || echo "half $package";; esac',
  '  done <<<"$status"',
  'fi',
  'exit 0',
].join('\n');

interface PackageReport {
  readonly holders: readonly {
    readonly pid: number;
    readonly parent: number;
    readonly lock: string;
    readonly command: string;
  }[];
  readonly halfConfigured: readonly string[];
  readonly interrupted: boolean;
  /** CPU time of all living processes in the kernel's ticks; the probe itself is worth a few. */
  readonly ticks: number;
}

/** Reads the probe's lines; what does not fit the format is passed over. */
export function parsePackageReport(output: string): PackageReport {
  const lines = output.split('\n');
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
export async function settlePackages(sandbox: Sandbox, signal: AbortSignal): Promise<PackageState> {
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
  const argv = ['/bin/bash', '-c', 'kill -9 "$@"', 'bash', ...pids];
  await execSafely(sandbox, argv, { user: '0', cwd: '/', timeoutMs: probeTimeoutMs, signal });
  return look(sandbox, signal);
}

/** Ticks that the supervisor and the probe may take without anything having moved. */
const idleTicks = 5;

async function look(sandbox: Sandbox, signal: AbortSignal): Promise<PackageReport> {
  const result = await execSafely(sandbox, ['/bin/bash', '-c', probe], {
    user: '0',
    cwd: '/',
    timeoutMs: probeTimeoutMs,
    signal,
  });
  return parsePackageReport(result.stdout);
}
