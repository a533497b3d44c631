import { DeadlineReached, onAbort, openDeadline } from '../../base/deadline.js';
import { openExec } from '../container/exec-process.js';
import type { EngineClient } from '../connection/engine-client.js';
import type { ExecOptions, ExecResult } from '../sandbox.js';
import { MisplacedProcessError } from '../sandbox-token.js';
import { captureOutput } from '../shell/byte-capture.js';

const ranOut = { stdout: '', stderr: '', exitCode: 124, timedOut: true, droppedBytes: 0 } as const;

/** One process in a service. What runs out of time is left to the service's end: nobody in it kills for us. */
export async function runIn(
  client: EngineClient,
  container: { readonly id: string; readonly label: string },
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  using deadline = openDeadline(options.timeoutMs, options.signal);
  const startedAt = performance.now();
  const child = await openExec(client, container, argv, {
    user: options.user ?? null,
    cwd: options.cwd ?? null,
    env: options.env ?? {},
    stdin: false,
    signal: deadline.signal,
  }).catch((error: unknown) => {
    // Time that ran out while the engine was busy is a value as well: a test of health that failed once.
    if (options.signal?.aborted !== true && deadline.signal.reason instanceof DeadlineReached) return null;
    throw error;
  });
  if (child === null) return { ...ranOut, durationMs: performance.now() - startedAt };
  const { stdout, stderr } = captureOutput(child, options.maxOutputBytes);
  const timedOut = await endedWithin(child.closed, deadline.signal);
  child.close();
  options.signal?.throwIfAborted();
  const { exitCode } = timedOut ? { exitCode: 124 } : await child.inspect();
  const droppedBytes = stdout.dropped + stderr.dropped;
  const durationMs = performance.now() - startedAt;
  return {
    stdout: stdout.text(),
    stderr: stderr.text(),
    exitCode: exitCode ?? 255,
    timedOut,
    droppedBytes,
    durationMs,
  };
}

async function endedWithin(closed: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const late = (): void => resolve(signal.reason instanceof DeadlineReached);
    const released = onAbort(signal, late);
    void closed.then(() => {
      released[Symbol.dispose]();
      resolve(false);
    });
  });
}

/**
 * A process started in a service must see the service's host name where the engine wrote it. An engine whose exec lands elsewhere
 * would find a shell there; a service without one is proven by that.
 */
export async function proveInside(
  run: (argv: readonly string[], options: ExecOptions) => Promise<ExecResult>,
  hostname: string,
): Promise<void> {
  const program = 'IFS= read -r name </etc/hostname; [ "$name" = "$1" ] && echo inside || echo elsewhere';
  const argv = ['/bin/sh', '-c', program, 'sh', hostname];
  const said = await run(argv, { user: '0', timeoutMs: 30_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
  if (said === 'elsewhere')
    throw new MisplacedProcessError(
      'the container engine started a process outside the service it was meant for',
    );
}
