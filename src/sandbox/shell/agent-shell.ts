import type { CommandOptions, CommandResult } from '../sandbox.js';
import type { TreeKiller } from './harness-exec.js';
import type { ShellTicket } from './heritage/shell-ticket.js';
import type { OutputLimits } from './output-capture.js';

export interface ShellOptions {
  /** User of the shell; null keeps the container's. */
  readonly user: string | null;
  readonly outputLimits: OutputLimits;
  /** Added to the container's environment, for the agent's commands only. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names the sandbox in errors. */
  readonly label: string;
  readonly signal?: AbortSignal;
}

/** The agent's shell: commands one at a time; cwd and exported environment persist. */
export interface AgentShell extends TreeKiller {
  /** Absolute directory it started in. */
  readonly workdir: string;
  run(command: string, options: CommandOptions): Promise<CommandResult>;
  /** The agent has left: kills an unfinished command's tree, leaves services. Returns `pid name` of what was killed. */
  end(): Promise<{ readonly killed: readonly string[] }>;
  /** After `end`: the next agent, who may be another user, finds a shell as the first one did. */
  renew(user: string | null): Promise<void>;
  /** Makes ready for a command: opens a lost connection again. */
  ready(signal?: AbortSignal): Promise<void>;
  /** What another process needs to go on from here, should this one die; null where the shell keeps nothing for another. */
  ticket(): Promise<ShellTicket | null>;
  /** For how long a command has run that another process began and whose result it did not come to know; null without one. */
  underWay(signal?: AbortSignal): Promise<number | null>;
  /** Drops the connection; the container is about to go. */
  close(): Promise<void>;
}
