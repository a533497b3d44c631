import type { TaskCollectHook } from '../../dataset/task.js';
import { bash } from '../../sandbox/bash.js';
import type { Sandbox } from '../../sandbox/sandbox.js';

/**
 * Runs a task's collect hooks in one sandbox, one after the other, as the image's user unless a hook names another. Whatever
 * comes of a hook the next one runs; what failed is told in a line.
 */
export async function runHooks(
  sandbox: Pick<Sandbox, 'exec' | 'user'> & Partial<Pick<Sandbox, 'bashPath'>>,
  hooks: readonly TaskCollectHook[],
  signal: AbortSignal,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const { command, service, timeoutMs, user } of hooks) {
    // A service besides main has no known bash: its sh runs the hook, as in Harbor.
    const argv = bash({ bashPath: sandbox.bashPath ?? null }, command);
    const failed = await sandbox
      .exec(argv, {
        timeoutMs,
        signal,
        user: user ?? sandbox.user,
      })
      .then(
        ({ exitCode, timedOut }) =>
          timedOut ? 'ran out of time' : exitCode === 0 ? null : `exited with ${exitCode}`,
        (error: unknown) => {
          signal.throwIfAborted();
          return error instanceof Error ? error.message : String(error);
        },
      );
    if (failed !== null) warnings.push(`collect hook in ${service} ${failed}: ${command.slice(0, 200)}`);
  }
  return warnings;
}
