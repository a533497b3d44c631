import type { EngineInfo } from '../container-engine.js';
import { mebibytes } from '../mebibytes.js';
import { pidsLimit } from '../pids-limit.js';

/** What the processes of one build may use; its time limit is the task's. */
export interface BuildLimits {
  /** Null where the engine could not hold a build to it and would fail instead: rootless on cgroup v1. */
  readonly memoryBytes: number | null;
  /** As many as a sandbox may have. */
  readonly pids: number;
}

/** Half of the engine's host: a build may need much more than its task's sandbox, but never all of the machine. */
export function buildLimits({ memoryBytes, rootless, cgroupVersion }: EngineInfo): BuildLimits {
  const isHeld = !(rootless && cgroupVersion === '1');
  return { memoryBytes: isHeld ? Math.floor(memoryBytes / 2) : null, pids: pidsLimit };
}

/** The engine's words for a command that ended by SIGKILL (podman, Docker, BuildKit). */
const killed = /(?:exit status|exit code|non-zero code):? 137\b|signal: killed/i;
/** A command's own words for a child that was. */
const childKilled = /^[ \t]*Killed[ \t\r]*$|Killed signal terminated program|cannot allocate memory/im;
const cannotFork = /cannot fork|can't fork|fork: .*resource temporarily unavailable|unable to fork/i;

/** What a failed build ran out of, by the engine's reason and the last lines it printed; null for neither. */
export function scarcityOf(reason: string, output: string): 'memory' | 'processes' | null {
  if (cannotFork.test(output)) return 'processes';
  return killed.test(reason) || childKilled.test(output) ? 'memory' : null;
}

/** A build that its limit of memory ended was at the limit; one that the host ended for the host's own need may have been far below. */
const nearLimit = 0.9;

/** The limit of builds that a build ran into, in words; null where builds have none, or where its peak tells that it did not reach it. */
export function limitText(
  scarcity: 'memory' | 'processes',
  { memoryBytes, pids }: BuildLimits,
  peakBytes: number | null,
): string | null {
  if (scarcity === 'processes') return `${pids} processes`;
  const isReached = memoryBytes !== null && (peakBytes ?? memoryBytes) >= nearLimit * memoryBytes;
  return isReached ? `${mebibytes(memoryBytes)} of memory` : null;
}
