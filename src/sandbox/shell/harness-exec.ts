import { once } from 'node:events';
import { startTimer } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import { ByteCapture } from './byte-capture.js';
import type { ContainerStreams, DuplexExec } from '../exec-stream.js';
import type { ExecOptions, ExecResult } from '../sandbox.js';
import { markBase } from './supervisor-trees.js';

const defaultMaxOutputBytes = 2 ** 20;
/** A killed process that still holds its stream is left behind. */
const abandonMs = 6_000;

/** What stops a command's tree: by its mark, through the supervisor. */
export interface TreeKiller {
  /** A number never used in this sandbox, for the mark. */
  nextSeq(): number;
  killTree(seq: number, grace: boolean): Promise<void>;
}

/**
 * Runs a program beside the agent's shell, with the container's environment. It is marked like the agent's commands
 * (see supervisor.ts), so that a timeout or an abort ends its whole tree.
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
  const seq = killer.nextSeq();
  const wait = after === undefined ? '' : 'read -r _tbench || exit; unset _tbench; ';
  const mark = `ulimit -S -m ${markBase + seq} 2>/dev/null; ${wait}exec "$@"`;
  const child = await streams.open(['/bin/sh', '-c', mark, 'sh', ...argv], {
    user: options.user ?? null,
    cwd: options.cwd ?? null,
    env: options.env ?? {},
    stdin: after !== undefined,
    ...(signal === undefined ? {} : { signal }),
  });
  const maxBytes = options.maxOutputBytes ?? defaultMaxOutputBytes;
  const [stdout, stderr] = [new ByteCapture(maxBytes), new ByteCapture(maxBytes)];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  if (after !== undefined) {
    await settled(child, after, signal);
    if (!stdout.isEmpty || !stderr.isEmpty) {
      // Something in the sandbox has started it before its time: it does not count.
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
  const exitCode = timedOut ? 124 : await exitCodeOf(child, streams, signal);
  const droppedBytes = stdout.dropped + stderr.dropped;
  return { stdout: stdout.text(), stderr: stderr.text(), exitCode, timedOut, droppedBytes, durationMs };
}

/** Waits for `after`, or for the signal; the process goes when either fails. */
async function settled(child: DuplexExec, after: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  // A write to a process that has gone is news that its exit code brings.
  child.stdin.on('error', () => undefined);
  const gaveUp = new AbortController();
  try {
    signal?.throwIfAborted();
    await Promise.race([after, once(signal ?? gaveUp.signal, 'abort', { signal: gaveUp.signal })]);
    signal?.throwIfAborted();
  } catch (error) {
    child.close();
    throw error;
  } finally {
    gaveUp.abort();
  }
}

/** Returns whether the time was up. */
async function waitOrKill(
  child: DuplexExec,
  { timeoutMs, signal }: ExecOptions,
  kill: (grace: boolean) => Promise<void>,
): Promise<boolean> {
  let timedOut = false;
  let abandonTimer: NodeJS.Timeout | undefined;
  const stop = (grace: boolean): void => {
    abandonTimer ??= setTimeout(() => child.close(), abandonMs);
    // Whether it worked shows in the stream's end.
    kill(grace).catch(() => undefined);
  };
  const cancel = (): void => stop(false);
  const timer = startTimer(timeoutMs, () => {
    timedOut = true;
    stop(true);
  });
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await child.closed;
    return timedOut;
  } finally {
    timer.cancel();
    clearTimeout(abandonTimer);
    signal?.removeEventListener('abort', cancel);
  }
}

const inspectAttempts = 40;
const inspectPauseMs = 50;

/** The stream may end a little before the engine knows the exit code. */
async function exitCodeOf(
  child: DuplexExec,
  streams: ContainerStreams,
  signal?: AbortSignal,
): Promise<number> {
  for (let attempt = 0; attempt < inspectAttempts; attempt += 1) {
    const { exitCode } = await child.inspect(signal);
    if (exitCode !== null) return exitCode;
    await new Promise((resolve) => setTimeout(resolve, inspectPauseMs));
  }
  await streams.assertAlive(signal);
  throw new SandboxError('the engine closed the connection to a command that still runs');
}
