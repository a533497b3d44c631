import { SandboxError } from '../base/errors.js';
import { copyTree } from './files/copy-tree.js';
import type { ContainerStreams } from './container-streams.js';
import { readContainerFile, uploadFiles } from './files/file-access.js';
import { harnessExec, type TreeKiller } from './shell/harness-exec.js';
import { removeTree } from './files/remove-tree.js';
import type { Sandbox, SandboxSpec } from './sandbox.js';
import { defaultOutputLimits } from './shell/output-capture.js';
import { shellEnvironment } from './shell/shell-environment.js';
import type { ShellTicket } from './shell/heritage/shell-ticket.js';
import type { AgentShell } from './shell/agent-shell.js';
import { inheritShell, openShell } from './shell/shell.js';
import { sendTree } from './files/send-tree.js';
import { unpack } from './files/unpack.js';

/** What the shell side gives to a sandbox. */
export type SandboxShell = Pick<
  Sandbox,
  | 'run'
  | 'exec'
  | 'ready'
  | 'underWay'
  | 'readFile'
  | 'upload'
  | 'download'
  | 'send'
  | 'stat'
  | 'remove'
  | 'endShell'
  | 'freshShell'
> &
  Pick<AgentShell, 'ticket'> &
  AsyncDisposable;

const removeLimitMs = 60_000;

/**
 * Opens the agent's shell and the harness's own ways into a container that has just started as `bootCommand`; with a ticket, into
 * one where another process left off.
 */
export async function openSandboxShell(
  streams: ContainerStreams,
  options: {
    readonly label: string;
    readonly spec: Pick<SandboxSpec, 'outputLimits' | 'shellEnv' | 'user'>;
    readonly ticket?: ShellTicket;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<SandboxShell> {
  const { label, spec, ticket, signal } = options;
  const shellOptions = {
    user: spec.user,
    outputLimits: spec.outputLimits ?? defaultOutputLimits,
    environment: { ...shellEnvironment, ...spec.shellEnv },
    label,
    ...(signal === undefined ? {} : { signal }),
  };
  const shell =
    ticket === undefined
      ? await openShell(streams, shellOptions)
      : inheritShell(streams, shellOptions, ticket);
  return {
    run: (command, runOptions) => shell.run(command, runOptions),
    exec: (argv, execOptions) => harnessExec(streams, shell, argv, execOptions),
    readFile: (path, maxBytes, readSignal) => readContainerFile(streams, path, maxBytes, readSignal),
    upload: (targetDir, files, uploadSignal) => uploadFiles(streams, targetDir, files, uploadSignal),
    download: async (path, hostDir, limits, downloadSignal) => {
      const root = await streams.hostRoot();
      const copied =
        root === null ? null : await copyTree(root, path, { hostDir, limits, signal: downloadSignal });
      if (copied !== null) return copied;
      const tar = await streams.getArchive(path, downloadSignal);
      return tar === null ? null : unpack(tar, hostDir, limits);
    },
    send: (hostPath, targetDir, sendOptions) => sendTree(streams, hostPath, targetDir, sendOptions),
    stat: (path, statSignal) => streams.statPath(path, statSignal),
    remove: (path, removeSignal) => removePath(streams, shell, path, removeSignal),
    ready: (readySignal) => shell.ready(readySignal),
    ticket: () => shell.ticket(),
    underWay: (lookSignal) => shell.underWay(lookSignal),
    endShell: () => shell.end(),
    freshShell: (user) => shell.renew(user),
    [Symbol.asyncDispose]: () => shell.close(),
  };
}

/** From the host where its root can be reached; else with the container's own rm, as root. What counts is that it is gone. */
export async function removePath(
  streams: ContainerStreams,
  killer: TreeKiller,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  const root = await streams.hostRoot();
  if (root !== null) await removeTree(root, path);
  if (root !== null && (await streams.statPath(path, signal)) === null) return;
  await harnessExec(streams, killer, ['/bin/rm', '-rf', '--', path], {
    user: '0',
    cwd: '/',
    env: { LD_PRELOAD: '', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    timeoutMs: removeLimitMs,
    ...(signal === undefined ? {} : { signal }),
  });
  if ((await streams.statPath(path, signal)) === null) return;
  throw new SandboxError(`cannot remove ${path} in the sandbox`);
}
