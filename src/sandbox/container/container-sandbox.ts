import { z } from 'zod';
import { keptImageLabels } from '../cleanup/labels.js';
import { endContainer, stopContainer } from '../cleanup/removals.js';
import { containerChanges } from './container-changes.js';
import { containerProcesses } from './container-processes.js';
import { containerVitals } from './container-vitals.js';
import type { DuplexExec } from '../container-streams.js';
import { provenCommand } from '../sandbox-token.js';
import type { Container, ContainerContext } from './create-container.js';
import type { Sandbox, SandboxSpec, SnapshotOptions } from '../sandbox.js';
import type { SandboxShell } from '../sandbox-shell.js';

const committed = z.object({ Id: z.string() });

interface Halves {
  readonly container: Container;
  readonly shell: SandboxShell;
  readonly imageUser: string;
  readonly bashPath: string | null;
}

/** A sandbox from its two halves: the container, and the shell into it. Disposing it schedules the container's removal. */
export function containerSandbox(context: ContainerContext, spec: SandboxSpec, parts: Halves): Sandbox {
  const { client, removals } = context;
  const { container, shell } = parts;
  let isDisposed = false;
  return {
    id: container.name,
    image: spec.image,
    workdir: container.report.workdir,
    env: container.report.env,
    user: spec.user === null ? container.report.user : parts.imageUser,
    bashPath: parts.bashPath,
    limits: container.limits,
    mounts: container.report.mounts,
    open: (argv, signal) => openAsRoot(container.streams, argv, signal),
    run: (command, options) => shell.run(command, options),
    exec: (argv, options) => shell.exec(argv, options),
    readFile: (path, maxBytes, signal) => shell.readFile(path, maxBytes, signal),
    send: (hostPath, targetDir, options) => shell.send(hostPath, targetDir, options),
    upload: (targetDir, files, signal) => shell.upload(targetDir, files, signal),
    download: (path, hostDir, limits, signal) => shell.download(path, hostDir, limits, signal),
    stat: (path, signal) => shell.stat(path, signal),
    remove: (path, signal) => shell.remove(path, signal),
    endShell: (signal) => shell.endShell(signal),
    freshShell: (user) => shell.freshShell(user),
    ready: (signal) => shell.ready(signal),
    ticket: () => ticketOf(spec, parts),
    underWay: (signal) => shell.underWay(signal),
    stop: () => stopContainer(client, container.id),
    end: async () => {
      await shell[Symbol.asyncDispose]();
      await endContainer(client, container.id);
      isDisposed = true;
    },
    changes: (signal) => containerChanges(client, container, signal),
    processes: (signal) => containerProcesses(context, container, signal),
    vitals: (signal) => containerVitals(client, container, signal),
    snapshot: (reference, options) => freeze(context, parts, { ...options, reference }),
    [Symbol.asyncDispose]: async () => {
      if (isDisposed) return;
      isDisposed = true;
      removals.schedule(container.id);
      await shell[Symbol.asyncDispose]();
    },
  };
}

/** What another process finds the sandbox again by; null for a shell that cannot be taken over. */
async function ticketOf(
  spec: SandboxSpec,
  { container, shell, imageUser, bashPath }: Halves,
): ReturnType<Sandbox['ticket']> {
  const ticket = await shell.ticket();
  if (ticket === null) return null;
  return {
    container: { id: container.id, name: container.name },
    token: container.streams.token,
    image: { reference: spec.image.reference, id: spec.image.id },
    image_user: imageUser,
    bash_path: bashPath,
    limits: { ...container.limits },
    shell: ticket,
  };
}

/** Makes an image of the container's own layer; what is mounted over it stays out. */
async function freeze(
  { client }: ContainerContext,
  { container, imageUser }: Pick<Halves, 'container' | 'imageUser'>,
  { reference, isKept = false, signal }: SnapshotOptions & { readonly reference: string },
): Promise<string> {
  const [, repository, tag] = /^(.*?)(?::([^:/]+))?$/.exec(reference) ?? [];
  const query = {
    container: container.id,
    repo: repository ?? reference,
    tag: tag ?? 'latest',
    pause: 'true',
    ...(isKept ? { changes: keptChanges(imageUser) } : {}),
  };
  const what = `freeze sandbox ${container.name} as ${reference}`;
  return (await client.json({ method: 'POST', path: '/commit', query, signal, what }, committed)).Id;
}

/** What the container's own configuration would say otherwise: whose it is, and who runs what names no user. */
function keptChanges(imageUser: string): string {
  // One a line: podman takes a second label for the end of the first one's value.
  const labels = Object.entries(keptImageLabels).map(([key, value]) => `LABEL ${key}=${value}`);
  return [...labels, `USER ${imageUser}`].join('\n');
}

/** Proves where it is first, as every program of ours does, and is found by root's own PATH. */
function openAsRoot(
  streams: Container['streams'],
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<DuplexExec> {
  return streams.open(provenCommand(streams.token, argv), {
    user: '0',
    cwd: '/',
    env: { LD_PRELOAD: '', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    stdin: true,
    ...(signal === undefined ? {} : { signal }),
  });
}
