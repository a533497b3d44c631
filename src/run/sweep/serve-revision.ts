import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { openDeadline, sleep } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';

/** A server of one revision, started for it and stopped when disposed. */
export interface RevisionServer extends AsyncDisposable {
  readonly baseUrl: string;
}

export interface ServeRequest {
  /** Shell command; it finds MODEL, REVISION and PORT in its environment. A Slurm user writes `srun ...`. */
  readonly command: string;
  readonly model: string;
  readonly revision: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File that takes what the server prints. */
  readonly logFile: string;
  /** How long it may take until it answers. */
  readonly startLimitMs: number;
}

const pollMs = 500;
const stopLimitMs = 30_000;

/**
 * Starts a server by a shell command and waits until it lists its models. Names reach the command as variables, not as
 * text, so no revision can be more than a word. Throws `EnvironmentError` when it ends or does not answer in time.
 */
export async function serveRevision(request: ServeRequest, signal: AbortSignal): Promise<RevisionServer> {
  const baseUrl = `http://127.0.0.1:${request.port}/v1`;
  await using log = await open(request.logFile, 'a');
  // A group of its own: what the shell starts ends with it.
  const child = spawn('/bin/sh', ['-c', request.command], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: {
      ...request.env,
      MODEL: request.model,
      REVISION: request.revision,
      PORT: String(request.port),
    },
  });
  const stop = (): Promise<void> => endGroup(child);
  try {
    await untilItAnswers(child, baseUrl, { request, signal });
  } catch (error) {
    await stop();
    throw error;
  }
  return { baseUrl, [Symbol.asyncDispose]: stop };
}

async function untilItAnswers(
  child: ChildProcess,
  baseUrl: string,
  { request, signal }: { readonly request: ServeRequest; readonly signal: AbortSignal },
): Promise<void> {
  using deadline = openDeadline(request.startLimitMs, signal);
  const failed = (what: string): EnvironmentError =>
    new EnvironmentError(`the server of ${request.revision} ${what}`, {
      hint: `What it printed is in ${request.logFile}`,
    });
  const errors: Error[] = [];
  child.once('error', (error) => errors.push(error));
  for (;;) {
    signal.throwIfAborted();
    if (errors.length > 0 || hasEnded(child)) throw failed('ended before it answered');
    if (deadline.signal.aborted) throw failed(`did not answer within ${request.startLimitMs / 60_000} min`);
    const answer = await fetch(`${baseUrl}/models`, { signal: deadline.signal }).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    await sleep(pollMs, deadline.signal).catch(() => undefined);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Asks the whole group to end, then makes it. The GPU is free when this returns. */
async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const send = (name: NodeJS.Signals | 0): boolean => {
    try {
      return process.kill(-pid, name);
    } catch {
      return false;
    }
  };
  send('SIGTERM');
  for (let waited = 0; waited < stopLimitMs && send(0); waited += 100) await sleep(100);
  send('SIGKILL');
}
