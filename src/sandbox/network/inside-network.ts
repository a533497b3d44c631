import { spawn, type ChildProcess, type IOType } from 'node:child_process';
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openDeadline } from '../../base/deadline.js';
import { isProcessOf } from '../container/limits/host-view.js';

/** A container whose network is meant: its id, and its PID 1 as the host numbers it. */
export interface NetworkOwner {
  readonly containerId: string;
  readonly hostPid: number;
}

const limitMs = 10_000;

/**
 * Starts one of the host's programs in a container's network namespace and hands it to `use`. Only the network namespace is entered,
 * so program and files are the host's, and nothing inside the container gains a capability. Returns why that could not be done as text.
 */
export async function startInside<T>(
  { hostPid, containerId }: NetworkOwner,
  program: {
    readonly nsenter: string;
    readonly argv: readonly string[];
    readonly stdio: readonly (IOType | 'ipc')[];
  },
  use: (child: ChildProcess) => Promise<T>,
): Promise<T | string> {
  try {
    // Opened first, then judged: the number of a process that ended may belong to another one by now.
    await using network = await open(`/proc/${hostPid}/ns/net`);
    await using user = await open(`/proc/${hostPid}/ns/user`);
    if (!(await isProcessOf(containerId, hostPid))) return 'its first process is not seen from here';
    if (await isOurs(network, 'net')) return "the engine gives it the host's own network";
    // A rootless engine's network belongs to its user namespace, where its user is root.
    const userArguments = (await isOurs(user, 'user')) ? [] : ['--user=/proc/self/fd/4'];
    using deadline = openDeadline(limitMs);
    const { nsenter, argv, stdio } = program;
    const [stdin = 'ignore', stdout = 'ignore', stderr = 'ignore', ...more] = stdio;
    const child = spawn(nsenter, [...userArguments, '--net=/proc/self/fd/3', ...argv], {
      stdio: [stdin, stdout, stderr, network.fd, user.fd, ...more],
      signal: deadline.signal,
      env: {},
    });
    return await Promise.race([use(child), failed(child)]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Runs `nft`, or what goes before it, in a container's network namespace. Returns what it printed, or why it failed. */
export async function runInside(
  owner: NetworkOwner,
  {
    nsenter,
    argv,
    input,
  }: { readonly nsenter: string; readonly argv: readonly string[]; readonly input: string },
): Promise<{ readonly printed: string } | string> {
  return startInside(owner, { nsenter, argv, stdio: ['pipe', 'pipe', 'pipe'] }, async (child) => {
    // It may end before it has read everything; its exit code and words say why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const [printed, said] = [textOf(child.stdout), textOf(child.stderr)];
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) return { printed: await printed };
    const firstLine = (await said).trim().split('\n')[0] ?? '';
    return `nft: ${firstLine === '' ? `ended with ${code ?? 'a signal'}` : firstLine.slice(0, 200)}`;
  });
}

async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? '' : (await buffer(stream)).toString('utf8');
}

async function failed(child: ChildProcess): Promise<never> {
  const [error] = (await once(child, 'error')) as [Error];
  throw error;
}

/** Whether an opened namespace is the one this process is in. */
async function isOurs(namespace: FileHandle, kind: 'net' | 'user'): Promise<boolean> {
  await using own = await open(`/proc/self/ns/${kind}`);
  const [theirs, ours] = await Promise.all([namespace.stat(), own.stat()]);
  return theirs.ino === ours.ino && theirs.dev === ours.dev;
}
