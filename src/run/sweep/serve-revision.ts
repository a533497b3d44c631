import type { HostVariables } from '../../base/host-variables.js';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { openDeadline, sleep } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import { readShellProgram } from '../../base/shell/shell-program.js';
import { listModels } from '../../model/service/server-status.js';
import { parseServerAddress } from '../../model/wire/server-address.js';

/** A server of one revision; one that was started for it is stopped when disposed. */
export interface RevisionServer extends AsyncDisposable {
  readonly baseUrl: string;
  /** The names under which it serves; empty where it does not say. */
  readonly models: readonly string[];
  /** The shell command that started it; null for one that ran already. */
  readonly command: string | null;
}

export interface RevisionServeRequest {
  /** Shell command; it finds the variables in its environment. A Slurm user writes `srun ...`. */
  readonly command: string;
  readonly revision: string;
  readonly port: number;
  /** Environment of the command; names reach it as variables, not as text, so that no revision is more than a word. */
  readonly env: HostVariables;
  readonly apiKey: string | null;
  /** File that takes what the server prints. */
  readonly logFile: string;
  /** How long it may take until it answers. */
  readonly startLimitMs: number;
}

const pollMs = 500;
const stopLimitMs = 30_000;
const guard = readShellProgram('./guard-server.sh', import.meta.url);

/**
 * Starts a server by a shell command and waits until it lists its models. It ends with all it started when disposed, and
 * when this process dies. Throws `EnvironmentError` when it ends or does not answer in time, or when its port is
 * another's: what answers there would be taken for the revision.
 */
export async function serveRevision(
  request: RevisionServeRequest,
  signal: AbortSignal,
): Promise<RevisionServer> {
  const baseUrl = `http://127.0.0.1:${request.port}/v1`;
  await waitForPort(request.port, signal);
  await using log = await open(request.logFile, 'a', 0o600);
  // A group of its own: what the shell starts ends with it.
  const child = spawn('/bin/sh', ['-c', guard, 'guard-server', request.command], {
    detached: true,
    stdio: ['pipe', log.fd, log.fd],
    env: { ...request.env },
  });
  child.stdin?.on('error', () => undefined);
  const stop = (): Promise<void> => endGroup(child);
  try {
    const models = await untilItAnswers(child, baseUrl, { request, signal });
    return { baseUrl, models, command: request.command, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server of an earlier start may still be ending: it gets the time it has for that. */
async function waitForPort(port: number, signal: AbortSignal): Promise<void> {
  for (let waited = 0; await isTaken(port); waited += pollMs) {
    if (waited > stopLimitMs + 5_000)
      throw new EnvironmentError(`something else answers at port ${port} already`, {
        hint: 'End it, choose another --port, or name it with --base-url REV=URL if it serves the revision.',
      });
    await sleep(pollMs, signal);
  }
}

async function isTaken(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function untilItAnswers(
  child: ChildProcess,
  baseUrl: string,
  { request, signal }: { readonly request: RevisionServeRequest; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  using deadline = openDeadline(request.startLimitMs, signal);
  const failed = (what: string): EnvironmentError =>
    new EnvironmentError(`the server of ${request.revision} ${what}`, {
      hint: `What it printed is in ${request.logFile}`,
    });
  const errors: Error[] = [];
  child.once('error', (error) => errors.push(error));
  const address = parseServerAddress(baseUrl, request.apiKey);
  for (;;) {
    signal.throwIfAborted();
    if (errors.length > 0 || hasEnded(child)) throw failed('ended before it answered');
    if (deadline.signal.aborted) throw failed(`did not answer within ${request.startLimitMs / 60_000} min`);
    const models = await listModels(address, deadline.signal).catch(() => []);
    if (models.length > 0) return models.map(({ id }) => id);
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
  child.stdin?.destroy();
}
