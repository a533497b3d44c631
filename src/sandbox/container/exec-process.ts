import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { demultiplex } from '../connection/demultiplex.js';
import type { EngineClient } from '../connection/engine-client.js';
import type { DuplexExec, OpenOptions, ProcessState } from '../container-streams.js';

const execCreated = z.object({ Id: z.string() });

/** What the engine says of a process: of an exec, or of a container's PID 1. */
export const processAnswer = z.object({
  Running: z.boolean(),
  ExitCode: z.number().nullish(),
  Pid: z.number().nullish(),
});

/** Starts a process beside PID 1. */
export async function openExec(
  client: EngineClient,
  container: { readonly id: string; readonly label: string },
  argv: readonly string[],
  options: OpenOptions,
): Promise<DuplexExec> {
  const { signal } = options;
  const what = `run ${argv[0] ?? 'a command'} in sandbox ${container.label}`;
  const create = { path: `/containers/${container.id}/exec`, body: execRequest(argv, options), signal, what };
  const { Id: id } = await client.json({ method: 'POST', ...create }, execCreated);
  const body = { Detach: false, Tty: false };
  const socket = await client.hijack({ method: 'POST', path: `/exec/${id}/start`, body, signal, what });
  if (!options.stdin) socket.end();
  return duplexExec(socket, async (inspectSignal) => {
    const inspect = { path: `/exec/${id}/json`, signal: inspectSignal, what };
    return processState(await client.json({ method: 'GET', ...inspect }, processAnswer));
  });
}

/** A process whose connection is `socket`. */
export function duplexExec(
  socket: Duplex,
  inspect: (signal?: AbortSignal) => Promise<ProcessState>,
): DuplexExec {
  return { stdin: socket, ...demultiplex(socket), inspect, close: () => void socket.destroy() };
}

export function processState(answer: z.infer<typeof processAnswer>): ProcessState {
  const exitCode = answer.Running ? null : (answer.ExitCode ?? null);
  return { running: answer.Running, exitCode, hostPid: answer.Pid ?? 0 };
}

function execRequest(argv: readonly string[], options: OpenOptions): object {
  return {
    Cmd: argv,
    AttachStdin: options.stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Env: Object.entries(options.env).map(([name, value]) => `${name}=${value}`),
    ...(options.cwd === null ? {} : { WorkingDir: options.cwd }),
    ...(options.user === null ? {} : { User: options.user }),
  };
}
