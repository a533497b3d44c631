import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { openDeadline } from '../../base/deadline.js';
import { isProcessOf } from '../container/limits/host-view.js';

/** A container whose network is meant: its id, and its PID 1 as the host numbers it. */
export interface NetworkOwner {
  readonly containerId: string;
  readonly hostPid: number;
}

/** The host's programs that put rules into another network namespace. */
export interface RuleTools {
  readonly nsenter: string;
  readonly nft: string;
}

const limitMs = 10_000;

/**
 * Puts a ruleset (see networkRules) into a container's network namespace, from outside: only the network namespace is
 * entered, so program and files are the host's, and nothing inside the container gains a capability. Returns why
 * that could not be done, or null when the rules are in force.
 */
export async function applyRules(
  owner: NetworkOwner,
  rules: string,
  tools: RuleTools,
): Promise<string | null> {
  const { hostPid, containerId } = owner;
  try {
    // Opened first, then judged: the number of a process that ended may belong to another one by now.
    await using network = await open(`/proc/${hostPid}/ns/net`);
    await using user = await open(`/proc/${hostPid}/ns/user`);
    if (!(await isProcessOf(containerId, hostPid))) return 'its first process is not seen from here';
    if (await isOurs(network, 'net')) return "the engine gives it the host's own network";
    // A rootless engine's network belongs to its user namespace, where its user is root.
    const userArguments = (await isOurs(user, 'user')) ? [] : ['--user=/proc/self/fd/4'];
    return await run(tools, [...userArguments, '--net=/proc/self/fd/3'], [network.fd, user.fd], rules);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function run(
  { nsenter, nft }: RuleTools,
  namespaces: readonly string[],
  descriptors: readonly number[],
  rules: string,
): Promise<string | null> {
  using deadline = openDeadline(limitMs);
  const child = spawn(nsenter, [...namespaces, nft, '-f', '-'], {
    stdio: ['pipe', 'ignore', 'pipe', ...descriptors],
    signal: deadline.signal,
    env: {},
  });
  const [stdin, , stderr] = child.stdio;
  // nft may end before it has read everything; its exit code and words say why.
  stdin?.on('error', () => undefined);
  if (stdin !== null && 'end' in stdin) stdin.end(rules);
  const said = stderr === null ? Promise.resolve(Buffer.alloc(0)) : buffer(stderr as NodeJS.ReadableStream);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return null;
  const firstLine = (await said).toString('utf8').trim().split('\n')[0] ?? '';
  return `nft: ${firstLine === '' ? `ended with ${code ?? 'a signal'}` : firstLine.slice(0, 200)}`;
}

/** Whether an opened namespace is the one this process is in. */
async function isOurs(namespace: FileHandle, kind: 'net' | 'user'): Promise<boolean> {
  await using own = await open(`/proc/self/ns/${kind}`);
  const [theirs, ours] = await Promise.all([namespace.stat(), own.stat()]);
  return theirs.ino === ours.ino && theirs.dev === ours.dev;
}
