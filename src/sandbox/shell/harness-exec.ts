import { SandboxError } from '../../base/errors.js';
import { onAbort, sleep } from '../../base/deadline.js';
import { captureOutput } from './byte-capture.js';
import { enforceLimit, harnessCommandSteps, timedOutExitCode } from './command-limit.js';
import type { ContainerStreams, DuplexExec } from '../container-streams.js';
import type { ExecOptions, ExecResult } from '../sandbox.js';
import { assertWasInside, proof } from '../sandbox-token.js';
import { markStatement } from './protocol.js';

/** What stops a command's tree: by its mark, through the supervisor. */
export interface TreeKiller {
  /** A number never used in this sandbox, for the mark. */
  nextSeq(): number;
  killTree(seq: number, grace: boolean): Promise<void>;
}

/**
 * Runs a program beside the agent's shell, with the container's environment, once the process has proved that it is in
 * the sandbox. It is marked like the agent's commands (see protocol.ts), so that a timeout or an abort ends its whole tree.
 */
export async function harnessExec(
  streams: ContainerStreams,
  killer: TreeKiller,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const { after, ...now } = options;
  const { signal } = options;
  signal?.throwIfAborted();
  // Its failure is told where it is waited for; it may come before, while the process is being made.
  void after?.catch(() => undefined);
  const seq = killer.nextSeq();
  const wait = after === undefined ? '' : 'read -r _tbench || exit; unset _tbench; ';
  const program = `${proof}${markStatement(seq)}; ${wait}exec "$@"`;
  const child = await streams.open(['/bin/sh', '-c', program, 'sh', streams.token, ...argv], {
    user: options.user ?? null,
    cwd: options.cwd ?? null,
    env: options.env ?? {},
    stdin: after !== undefined,
    ...(signal === undefined ? {} : { signal }),
  });
  const { stdout, stderr } = captureOutput(child, options.maxOutputBytes);
  if (after !== undefined) {
    await waitToStart(child, after, signal);
    if (!stdout.isEmpty || !stderr.isEmpty) {
      // It has run before it was told to, so something in the sandbox sent its start: this run is thrown away.
      child.close();
      await killer.killTree(seq, false);
      return harnessExec(streams, killer, argv, now);
    }
    child.stdin.end('\n');
  }
  const startedAt = performance.now();
  const timedOut = await waitOrKill(child, options, (grace) => killer.killTree(seq, grace));
  signal?.throwIfAborted();
  const durationMs = performance.now() - startedAt;
  const exitCode = timedOut ? timedOutExitCode : await exitCodeOf(child, streams, signal);
  const droppedBytes = stdout.dropped + stderr.dropped;
  const result = {
    stdout: stdout.text(),
    stderr: stderr.text(),
    exitCode,
    timedOut,
    droppedBytes,
    durationMs,
  };
  assertWasInside(streams.token, result);
  return result;
}

/** Waits for `after`, or for the signal; the process goes when either fails. */
async function waitToStart(child: DuplexExec, after: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  // A write to a process that has gone fails; its exit code tells what happened.
  child.stdin.on('error', () => undefined);
  try {
    await new Promise((resolve, reject) => {
      const abort = onAbort(signal, reject);
      void after.then(resolve, reject).finally(() => abort[Symbol.dispose]());
    });
  } catch (error) {
    child.close();
    throw error;
  }
}

/** Returns whether the time was up. */
async function waitOrKill(
  child: DuplexExec,
  options: ExecOptions,
  kill: (grace: boolean) => Promise<void>,
): Promise<boolean> {
  let timedOut = false;
  // A kill that fails is no error here: then the stream does not end, and the last step of the limit drops it.
  const end = (grace: boolean): void => void kill(grace).catch(() => undefined);
  using _limit = enforceLimit(
    {
      onLimit: () => {
        timedOut = true;
        end(true);
      },
      onAbort: () => end(false),
      giveUp: () => child.close(),
    },
    options,
    harnessCommandSteps,
  );
  await child.closed;
  return timedOut;
}

const inspectTries = 40;
const inspectPauseMs = 50;

/** The stream may end a little before the engine knows the exit code. */
async function exitCodeOf(
  child: DuplexExec,
  streams: ContainerStreams,
  signal?: AbortSignal,
): Promise<number> {
  for (let tries = 0; tries < inspectTries; tries += 1) {
    const { exitCode } = await child.inspect(signal);
    if (exitCode !== null) return exitCode;
    await sleep(inspectPauseMs, signal);
  }
  await streams.assertAlive(signal);
  throw new SandboxError('the engine closed the connection to a command that still runs');
}
