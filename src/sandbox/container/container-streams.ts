import type { Duplex, Readable } from 'node:stream';
import { z } from 'zod';
import { SandboxError } from '../../base/errors.js';
import { demultiplex } from '../connection/demultiplex.js';
import type { EngineClient } from '../connection/engine-client.js';
import { EngineCallError } from '../connection/engine-error.js';
import type { ContainerStreams, DuplexExec, OpenOptions, PathStat, ProcessState } from '../exec-stream.js';
import type { HostView } from './host-view.js';
import { parsePathStat, pathStatHeader, pathStatOf } from '../files/path-stat.js';
import { statBelow } from '../files/hostile-folder.js';

const execCreated = z.object({ Id: z.string() });
const execState = z.object({
  Running: z.boolean(),
  ExitCode: z.number().nullish(),
  Pid: z.number().nullish(),
});
const containerState = z.object({
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    ExitCode: z.number().nullish(),
    Pid: z.number().nullish(),
    OOMKilled: z.boolean().nullish(),
  }),
});

/** The streams of one started container, over the engine's socket. `label` names it in errors. */
export function containerStreams(
  client: EngineClient,
  container: { readonly id: string; readonly label: string; readonly host: HostView },
): ContainerStreams {
  const { id, label, host } = container;
  const at = `/containers/${id}`;

  const inspectContainer = async (
    signal?: AbortSignal,
  ): Promise<ProcessState & { readonly status: string }> => {
    const { State } = await client.json(
      { method: 'GET', path: `${at}/json`, signal, what: `inspect sandbox ${label}` },
      containerState,
    );
    return {
      ...processState(State),
      status: State.OOMKilled === true ? 'killed by the OOM killer' : State.Status,
    };
  };

  const open = async (argv: readonly string[], options: OpenOptions): Promise<DuplexExec> => {
    const { signal } = options;
    const what = `run ${argv[0] ?? 'a command'} in sandbox ${label}`;
    const exec = await client.json(
      { method: 'POST', path: `${at}/exec`, body: execRequest(argv, options), signal, what },
      execCreated,
    );
    const body = { Detach: false, Tty: false };
    const socket = await client.hijack({
      method: 'POST',
      path: `/exec/${exec.Id}/start`,
      body,
      signal,
      what,
    });
    if (!options.stdin) socket.end();
    return duplexExec(socket, async (inspectSignal) =>
      processState(
        await client.json(
          { method: 'GET', path: `/exec/${exec.Id}/json`, signal: inspectSignal, what },
          execState,
        ),
      ),
    );
  };

  return {
    containerId: id,
    open,
    attach: async (signal) => {
      const query = { stream: '1', stdin: '1', stdout: '1', stderr: '1' };
      const what = `attach to sandbox ${label}`;
      const socket = await client.hijack({ method: 'POST', path: `${at}/attach`, query, signal, what });
      return duplexExec(socket, inspectContainer);
    },
    putArchive: async (path, tar, signal) => {
      const what = `put files into ${path} of sandbox ${label}`;
      await client.send({ method: 'PUT', path: `${at}/archive`, query: { path }, file: tar, signal, what });
    },
    getArchive: (path, signal) =>
      missingIsNull(
        () =>
          client.stream({
            method: 'GET',
            path: `${at}/archive`,
            query: { path },
            signal,
            what: `read ${path} of sandbox ${label}`,
          }),
        path,
      ),
    statPath: async (path, signal): Promise<PathStat | null> => {
      const root = await host.root();
      // The engine tells what is wrong with a path or a container.
      const seen = root === null ? 'link' : await statBelow(root, path).catch(() => 'link' as const);
      if (seen === null) return null;
      if (seen !== 'link') return pathStatOf(seen);
      const call = {
        method: 'HEAD',
        path: `${at}/archive`,
        query: { path },
        signal,
        what: `stat ${path} of sandbox ${label}`,
      } as const;
      const answer = await missingIsNull(() => client.stream(call), path);
      if (answer === null) return null;
      answer.resume();
      return parsePathStat(
        (answer as Readable & { headers: Record<string, unknown> }).headers[pathStatHeader],
      );
    },
    assertAlive: async (signal) => {
      const state = await inspectContainer(signal).catch((error: unknown) => {
        if (!(error instanceof EngineCallError) || error.status !== 404) throw error;
        throw new SandboxError(`sandbox ${label} (container ${id.slice(0, 12)}) was removed from outside`, {
          cause: error,
        });
      });
      if (state.running) return;
      const oomKills = (await host.oomKills()) ?? 0;
      const reason = oomKills > 0 ? `; its memory limit was hit (OOM kills: ${oomKills})` : '';
      throw new SandboxError(
        `sandbox ${label} (container ${id.slice(0, 12)}) is not running any more: ${state.status}${reason}`,
      );
    },
    hostRoot: () => host.root(),
    oomKills: () => host.oomKills(),
  };
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

function duplexExec(socket: Duplex, inspect: (signal?: AbortSignal) => Promise<ProcessState>): DuplexExec {
  return { stdin: socket, ...demultiplex(socket), inspect, close: () => void socket.destroy() };
}

function processState(state: z.infer<typeof execState>): ProcessState {
  return {
    running: state.Running,
    exitCode: state.Running ? null : (state.ExitCode ?? null),
    hostPid: state.Pid ?? 0,
  };
}

/** A 404 about the path is an answer; a 404 about the container is an error. */
async function missingIsNull<T>(call: () => Promise<T>, path: string): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof EngineCallError && error.status === 404 && !isMissingContainer(error, path))
      return null;
    throw error;
  }
}

function isMissingContainer(error: EngineCallError, path: string): boolean {
  return /no such container|no container with/i.test(error.message.replaceAll(path, ''));
}
