import type { Readable, Writable } from 'node:stream';
import { SandboxError } from '../base/errors.js';
import type { SandboxToken } from './sandbox-token.js';

/** Nobody answers where the sandbox is: that may pass, so the call can be repeated. */
export class UnreachableError extends SandboxError {}

/**
 * The seam inside the sandbox: the engine side implements `ContainerStreams` over the engine's socket, the shell
 * side builds commands and files on top of it and knows nothing of engines.
 *
 * How the supervisor starts: PID 1 of every sandbox is `bootCommand` of the shell side (an argv, `/bin/sh -c SCRIPT`),
 * run as the agent's user in the agent's workdir. `attach` gives its stdio right after start (2 ms, against 80 ms for an
 * exec); output it wrote before that is lost, so the host must speak first. Nothing inside the container can kill PID 1.
 * When the connection drops (our process died, the engine's service was restarted) PID 1 reads end-of-file and
 * can never be attached again (podman): it must stay and reap for ever, and a new channel starts with `open`.
 */
export interface ContainerStreams {
  readonly containerId: string;
  /** Proves to a process in the container where it is. */
  readonly token: SandboxToken;
  /** Starts a process beside PID 1. Costs about 80 ms with podman. Throws UnreachableError when nobody answers. */
  open(argv: readonly string[], options: OpenOptions): Promise<DuplexExec>;
  /** PID 1's stdio; once per container. `inspect` tells of the container itself. */
  attach(signal?: AbortSignal): Promise<DuplexExec>;
  /** Extracts a tar below `path`, which must exist. Owner and modes as in the tar. About 8 ms. */
  putArchive(path: string, tar: Buffer | Readable, signal?: AbortSignal): Promise<void>;
  /** Tar of `path` (its base name is the first entry), or null when there is nothing. About 70 ms; destroy it when done. */
  getArchive(path: string, signal?: AbortSignal): Promise<Readable | null>;
  /** lstat, null when there is nothing; the entry itself is not followed. 1 ms where `hostRoot` is to be had, else about 3. */
  statPath(path: string, signal?: AbortSignal): Promise<PathStat | null>;
  /**
   * Is the container still there and running? Throws SandboxError naming it when it is not, UnreachableError when
   * nobody answers.
   */
  assertAlive(signal?: AbortSignal): Promise<void>;
  /**
   * The running container's root as a folder of this machine, for a local rootful engine; null where it cannot be
   * reached or the container no longer runs. Its content is hostile: lstat every component, follow no link.
   */
  hostRoot(): Promise<string | null>;
  /** OOM kills in the container so far, read from its cgroup in under a millisecond; null where the host cannot tell. */
  oomKills(): Promise<number | null>;
}

export interface OpenOptions {
  /** null keeps the container's user. */
  readonly user: string | null;
  readonly cwd: string | null;
  /** Added to the container's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether stdin is wanted; without it the process reads end-of-file at once. */
  readonly stdin: boolean;
  readonly signal?: AbortSignal;
}

/** One process in the container and its raw byte streams, stdout and stderr apart, with back-pressure both ways. */
export interface DuplexExec {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * Settles when the engine closed the connection: the process ended, or the engine's service went away. Never rejects.
   * stdout and stderr end then too, without an error.
   */
  readonly closed: Promise<void>;
  /** What the engine knows of the process: the only truth about its exit code. */
  inspect(signal?: AbortSignal): Promise<ProcessState>;
  /** Drops the connection; the process goes on. Idempotent. */
  close(): void;
}

export interface ProcessState {
  readonly running: boolean;
  /** null while it runs. */
  readonly exitCode: number | null;
  /** Pid on the host (0 when the engine does not tell). */
  readonly hostPid: number;
}

export interface PathStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly sizeBytes: number;
  /** Permission bits only. */
  readonly mode: number;
  /** For a symlink, its target as the engine tells it (podman resolves it first); else ''. */
  readonly linkTarget: string;
}
