import { isIdle } from '../../sandbox/container/entrypoint.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { EnvironmentImages } from './environment-images.js';

const startLimitMs = 30_000;

/**
 * Starts what a compose file gives as main's command, beside the supervisor that has the place of it. One that only keeps the
 * container alive is left out.
 */
export async function startCommand(
  main: Sandbox,
  { project }: EnvironmentImages,
  signal: AbortSignal,
): Promise<void> {
  const command = project?.services.find(({ name }) => name === 'main')?.command ?? [];
  if (command.length === 0 || isIdle(command)) return;
  await main.exec(['/bin/sh', '-c', '"$@" >/dev/null 2>&1 </dev/null &', 'sh', ...command], {
    user: main.user,
    timeoutMs: startLimitMs,
    signal,
  });
}
