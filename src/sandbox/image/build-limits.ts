import { TaskError } from '../../base/errors.js';
import type { EngineInfo } from '../container-engine.js';
import { mebibytes } from '../mebibytes.js';

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
  return { memoryBytes: isHeld ? Math.floor(memoryBytes / 2) : null, pids: 4096 };
}

/** As engines tell the end by SIGKILL (podman, Docker, BuildKit), and a compiler that of its own child. */
const killed =
  /exit (?:status|code):? 137\b|non-zero code: 137\b|signal: killed|Killed signal terminated|cannot allocate memory/i;
const cannotFork = /cannot fork|can't fork|fork: .*resource temporarily unavailable|unable to fork/i;

/** The limit that a failed build ran into, as an error that blames the Dockerfile; null when it failed for another reason. */
export function limitError(dir: string, said: string, { memoryBytes, pids }: BuildLimits): TaskError | null {
  const limit = cannotFork.test(said)
    ? `${pids} processes`
    : memoryBytes !== null && killed.test(said)
      ? `${mebibytes(memoryBytes)} of memory`
      : null;
  if (limit === null) return null;
  return new TaskError(`building ${dir} ran into the limit of builds, ${limit}: ${said.trim()}`, {
    hint: 'The Dockerfile takes more of the machine than a build may have.',
  });
}
