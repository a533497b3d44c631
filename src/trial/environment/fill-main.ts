import type { Task, TaskEnvironment } from '../../dataset/task.js';
import { collectWorkdirFiles } from '../../dataset/upload-files.js';
import { isIdle } from '../../sandbox/container/entrypoint.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { EnvironmentImages } from './environment-images.js';

const startLimitMs = 30_000;

/** Puts into a new main sandbox what its image does not bring: files of a task that builds none, and what compose has it run. */
export async function fillMain(
  main: Sandbox,
  parts: { readonly task: Task; readonly environment: TaskEnvironment; readonly images: EnvironmentImages },
  signal: AbortSignal,
): Promise<void> {
  const files = await collectWorkdirFiles(parts.task, parts.environment.workdirFiles);
  if (files.length > 0) await main.upload(main.workdir, files, signal);
  await startCommand(main, parts.images, signal);
}

/**
 * Starts what a compose file gives as main's command, beside the supervisor that has the place of it. One that only keeps the
 * container alive is left out.
 */
async function startCommand(
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
