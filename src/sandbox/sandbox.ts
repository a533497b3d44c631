import type { NetworkGate } from './network/gate/network-gate.js';
import type { ServiceSpec } from '../record/service-spec.js';
import type { SandboxOwner } from './cleanup/sandbox-owner.js';
import type { DuplexExec } from './container-streams.js';
import type { SandboxTicket } from './sandbox-ticket.js';
import type { Wiring } from './services/project-spec.js';

/**
 * The sandbox: one container and the shell into it. Everything that comes back from it is hostile input:
 * bounded here, and never executed or trusted on the host.
 *
 * Two kinds of failure. A command that fails, times out or is killed is a `CommandResult`. A sandbox that
 * cannot run commands any more (container gone, engine gone) throws `SandboxError`: infrastructure's fault,
 * never the agent's.
 */
export interface CommandOptions {
  /** Limit inside the container: SIGTERM to the whole group, SIGKILL after a grace, exit code 124. */
  readonly timeoutMs: number;
  /** Aborting stops the command at once and rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** False leaves the shell's directory and environment as they were before the command. Default true. */
  readonly keepsState?: boolean;
  /** Told each piece of the output as it comes, however much it is; a piece is valid only during the call. */
  readonly onOutput?: (bytes: Buffer) => void;
}

/** What came of one command in the agent's shell. */
export interface CommandResult {
  /** stdout and stderr in the order written; invalid UTF-8 replaced. Beyond the cap only head and tail. */
  readonly output: CommandOutput;
  /** 0-255; 128+n for signal n; 124 for a timeout. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** The kernel's OOM killer struck in this container while the command ran. */
  readonly outOfMemory: boolean;
  /** Set when the command destroyed its shell or the supervisor and the shell was re-established: what happened, for the agent and the record. */
  readonly notice: string | null;
  readonly durationMs: number;
}

/** Output of any size in bounded memory. Lengths count Unicode code points. */
export interface CommandOutput {
  /** Everything when `elided` is 0, else the first `headLimit` code points. */
  readonly head: string;
  /** Empty when `elided` is 0, else the last `tailLimit` code points. */
  readonly tail: string;
  /** Exact number of code points between head and tail. */
  readonly elided: number;
  /** Bytes the command wrote in all. */
  readonly totalBytes: number;
}

/** A harness-side command, outside the agent's shell: its own process, its own environment, no state kept. */
export interface ExecOptions {
  readonly user?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /**
   * The program starts when this settles, and its time counts from there; the process is made ready meanwhile. A rejection
   * is the result.
   */
  readonly after?: Promise<unknown>;
  /** Bytes kept of each of stdout and stderr (head and tail halves); more is counted, not kept. Default 1 MiB. */
  readonly maxOutputBytes?: number;
}

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly timedOut: boolean;
  /** Bytes dropped from stdout and stderr because of `maxOutputBytes`. */
  readonly droppedBytes: number;
  readonly durationMs: number;
}

/** One entry of the difference between the image and the container's file system. */
export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'deleted';
}

/** A file to put into the sandbox. */
export interface UploadFile {
  /** Relative POSIX path below the target directory. */
  readonly path: string;
  readonly content: Buffer;
  /** Permission bits, e.g. 0o755. */
  readonly mode: number;
}

/** What came of reading a folder back; refused entries (links, devices, escapes, caps) are listed, not written. */
export interface DownloadReport {
  /** The limit that was hit, in words; null when everything had room. */
  readonly exceeded: string | null;
  /** Without digests (empty) where the limits are `faithful`. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
  readonly refused: readonly { readonly path: string; readonly reason: string }[];
}

export interface DownloadLimits {
  readonly maxEntries: number;
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  /**
   * For what is to be put into another sandbox: links that stay inside, hard links and names that differ only in case are
   * kept, and holes stay holes.
   */
  readonly faithful?: boolean;
  /** Entries to leave out, by their path below the folder; with a folder goes what is in it. */
  readonly except?: (path: string) => boolean;
  /** Told now and then how much has been written. */
  readonly onBytes?: (totalBytes: number) => void;
}

export type SnapshotOptions = { readonly isKept?: boolean; readonly signal?: AbortSignal };

export interface SendOptions {
  /** Name of a file in its new folder; of no use to a folder. */
  readonly name: string;
  readonly signal?: AbortSignal;
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly sizeBytes: number;
  readonly mode: number;
  /** For a symlink, where it leads. */
  readonly linkTarget?: string;
}

/**
 * What a sandbox can reach: nothing; what a policy of its task allows; all but the host it runs on and link-local addresses; all but these and private
 * ranges; or everything, where this machine cannot block anything.
 */
export type NetworkReach = 'none' | 'policy' | 'no-host' | 'no-private' | 'all';

/** Limits as the engine reports them after start, and what did not take. */
export interface AppliedLimits {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pids: number | null;
  readonly network: string;
  readonly reach: NetworkReach;
  readonly capabilities: readonly string[];
  /** One line for each limit that was asked for and did not take, or was clamped to the host. */
  readonly warnings: readonly string[];
}

/** Counters of the container as seen from the host. */
export interface SandboxVitals {
  readonly state: 'running' | 'stopped' | 'gone';
  readonly oomKills: number;
  readonly memoryPeakBytes: number | null;
  /** CPU time that its processes were held back by the CPU limit, summed over them; absent where it cannot be read. */
  readonly throttledMs?: number | null;
  /** Bytes the container wrote on top of its image; null when the engine cannot tell. */
  readonly diskBytes: number | null;
}

/** What an agent gets: run, read, write. Only the trial may do more. */
export interface AgentSandbox {
  /** Absolute cwd the shell starts in (the task's, else the image's WORKDIR). */
  readonly workdir: string;
  /** Runs one command in the agent's shell: cwd and exported environment persist from command to command. */
  run(command: string, options: CommandOptions): Promise<CommandResult>;
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Bytes of one regular file, or null when there is none; more than `maxBytes` throws SandboxError. */
  readFile(path: string, maxBytes: number, signal?: AbortSignal): Promise<Buffer | null>;
  /** Puts files below `targetDir`, which is created when missing. Owner root, modes kept. Without files: a folder open to all. */
  upload(targetDir: string, files: readonly UploadFile[], signal?: AbortSignal): Promise<void>;
}

export interface Sandbox extends AgentSandbox, AsyncDisposable {
  readonly id: string;
  /** Image reference and its content id. */
  readonly image: { readonly reference: string; readonly id: string };
  /** Environment as created, before the agent: what verification uses. */
  readonly env: Readonly<Record<string, string>>;
  /** The image's own user, whoever the agent is: whose hooks, health checks and tests run unless the task names another. */
  readonly user: string;
  /** Where the image has bash; null when it has none. */
  readonly bashPath: string | null;
  readonly limits: AppliedLimits;
  /** Folders whose content a snapshot lacks: volumes and memory file systems. */
  readonly mounts: readonly string[];
  /** Starts a program as root beside the shell and gives its raw streams; the caller bounds what it reads, and closes it. */
  open(argv: readonly string[], signal?: AbortSignal): Promise<DuplexExec>;
  /** The file at `path`, or those below it, into `hostDir`; null when there is nothing at `path`. */
  download(
    path: string,
    hostDir: string,
    limits: DownloadLimits,
    signal?: AbortSignal,
  ): Promise<DownloadReport | null>;
  /** What `download` brought to `hostPath` (a file or a folder's content), streamed into the folder `targetDir`, which exists. */
  send(hostPath: string, targetDir: string, options: SendOptions): Promise<void>;
  /** lstat through the engine, not through the container's tools; null when there is nothing. */
  stat(path: string, signal?: AbortSignal): Promise<FileStat | null>;
  /** Removes whatever is at `path` (file, link, tree) without trusting the container's tools or PATH. */
  remove(path: string, signal?: AbortSignal): Promise<void>;
  changes(signal?: AbortSignal): Promise<readonly FileChange[]>;
  /** `ps`-like rows as the host sees them. */
  processes(signal?: AbortSignal): Promise<readonly { readonly pid: number; readonly command: string }[]>;
  vitals(signal?: AbortSignal): Promise<SandboxVitals>;
  /** Ends the agent's shell: kills the tree of an unfinished command (own sessions included), leaves services. Returns what was killed. */
  endShell(signal?: AbortSignal): Promise<{ readonly killed: readonly string[] }>;
  /** Makes the agent's shell ready for a command. */
  ready(signal?: AbortSignal): Promise<void>;
  /** What another process needs to go on from here, should this one die; null where it could not. */
  ticket(): Promise<SandboxTicket | null>;
  /** For how long a command has run that a process before this one began and did not see the end of; null without one. */
  underWay(signal?: AbortSignal): Promise<number | null>;
  /** After `endShell`: a shell as at the start for the next agent; null is the image's own user. */
  freshShell(user: string | null): Promise<void>;
  /** Kills every process; what lies in it can still be read. Settles when that is so. */
  stop(): Promise<void>;
  /** Removes it as disposing does, and settles when the engine knows it no more. */
  end(): Promise<void>;
  /** Freezes the file system as an image; the caller removes it through the engine, the user one that is kept. */
  snapshot(reference: string, options?: SnapshotOptions): Promise<string>;
}

/** What to create a sandbox from. */
export interface SandboxSpec {
  readonly image: { readonly reference: string; readonly id: string };
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly pidsLimit: number | null;
  readonly network: 'public' | 'none';
  /** Private ranges are blocked like the host's own addresses. Default false. */
  readonly blockPrivate?: boolean;
  /** The only way out of an environment whose network has a policy; `network` is `none` then. */
  readonly gate?: NetworkGate;
  readonly env: Readonly<Record<string, string>>;
  /** null keeps the image's. */
  readonly workdir: string | null;
  /** User of the agent's shell; null keeps the image's. */
  readonly user: string | null;
  /** Code points of a command's output kept at each end; defaults 5,000 and 5,000. */
  readonly outputLimits?: { readonly head: number; readonly tail: number };
  /** What a compose file says of it, and how it is connected; networks and mounts are then these. */
  readonly service?: { readonly spec: ServiceSpec; readonly wiring: Wiring };
  /** Extra environment of the agent's shell only (pagers, DEBIAN_FRONTEND ...). */
  readonly shellEnv?: Readonly<Record<string, string>>;
  readonly owner: SandboxOwner;
}
