import { SandboxError } from '../../base/errors.js';
import type { ContainerStreams } from '../container-streams.js';
import type { AgentShell, ShellOptions } from './agent-shell.js';
import { noticesOf, refused, resultOf, type EndedCommand } from './command-end.js';
import { startOf } from './heritage/shell-start.js';
import { agentCommandSteps, checkLimit, enforceLimit } from './command-limit.js';
import { OutputCapture } from './output-capture.js';
import { withVariables, type ShellState } from './payload.js';
import { inheritCommand } from './heritage/inherit-command.js';
import { dismiss, lookAtLedger, type Predecessor } from './heritage/predecessor.js';
import { storedState, type ShellTicket } from './heritage/shell-ticket.js';
import { reopenChannel } from './channel/reopen-channel.js';
import type { ChannelCommand, RunningCommand, CommandEnd } from './channel/running-command.js';
import type { CommandOptions, CommandResult } from '../sandbox.js';
import { ShellChannel } from './channel/shell-channel.js';

/** Attaches to the container's PID 1, which must be `bootCommand` and just started. */
export async function openShell(streams: ContainerStreams, options: ShellOptions): Promise<AgentShell> {
  const channel = await ShellChannel.open(await streams.attach(options.signal), options.signal);
  return new Shell(streams, options, channel);
}

/** Goes on with a shell whose host has died, from where its ticket says. */
export function inheritShell(
  streams: ContainerStreams,
  options: ShellOptions,
  ticket: ShellTicket,
): AgentShell {
  return new Shell(streams, options, ticket);
}

class Shell implements AgentShell {
  readonly workdir: string;
  private first: ShellState;
  private user: string | null;
  private state: ShellState;
  private seq: number;
  private busy = false;
  private ended = false;
  private channel: ShellChannel | null;
  /** The supervisor before ours, as long as it may keep something that we have not heard. */
  private predecessor: Predecessor | null;
  private readonly oomKills: number | null;

  constructor(
    private readonly streams: ContainerStreams,
    private readonly options: ShellOptions,
    origin: ShellChannel | ShellTicket,
  ) {
    const start = startOf(origin, options);
    this.channel = origin instanceof ShellChannel ? origin : null;
    this.predecessor = origin instanceof ShellChannel ? null : origin.supervisor;
    this.first = start.first;
    this.state = start.state;
    this.user = start.user;
    this.workdir = start.workdir;
    this.seq = start.seq;
    this.oomKills = start.oomKills;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    await this.open(signal);
  }

  async ticket(): Promise<ShellTicket | null> {
    const supervisor = this.channel?.predecessor ?? this.predecessor;
    if (supervisor === null) return null;
    return {
      supervisor,
      seq: this.seq,
      workdir: this.workdir,
      user: this.user,
      oom_kills: await this.streams.oomKills(),
      first: storedState(this.first),
      state: storedState(this.state),
    };
  }

  async underWay(signal?: AbortSignal): Promise<number | null> {
    if (this.predecessor === null) return null;
    const entry = await lookAtLedger(this.streams, this.predecessor, { user: this.user, signal });
    return entry !== null && entry.seq > this.seq ? entry.ranForMs : null;
  }

  async run(command: string, options: CommandOptions): Promise<CommandResult> {
    options.signal?.throwIfAborted();
    checkLimit(options.timeoutMs);
    if (command.includes('\0')) return refused('a command cannot contain a NUL character');
    if (this.busy || this.ended)
      throw new Error(`the shell of ${this.options.label} is ${this.busy ? 'busy' : 'over'}`);
    this.busy = true;
    try {
      return await this.runAlone(command, options);
    } finally {
      this.busy = false;
    }
  }

  async end(): Promise<{ readonly killed: readonly string[] }> {
    this.ended = true;
    const channel = this.channel ?? (await this.open());
    if (this.predecessor !== null) await dismiss(this.streams, this.predecessor, this.user);
    this.predecessor = null;
    return { killed: await channel.rest() };
  }

  async renew(user: string | null): Promise<void> {
    this.channel?.close();
    const isSame = user === this.user;
    this.user = user;
    const { environment } = (await this.open()).initialState;
    if (!isSame) this.first = withVariables({ cwd: this.first.cwd, environment }, this.options.environment);
    this.state = this.first;
    this.ended = false;
  }

  close(): Promise<void> {
    this.ended = true;
    this.channel?.close();
    return Promise.resolve();
  }

  nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }

  async killTree(seq: number, grace: boolean): Promise<void> {
    await (await this.open()).killTree(seq, grace);
  }

  private async runAlone(command: string, options: CommandOptions): Promise<CommandResult> {
    const from = (await this.underWay(options.signal)) === null ? null : this.predecessor;
    const done = await (from === null ? this.start(command, options) : this.inherit(from, command, options));
    const { running, end } = done;
    const notices = await this.recover(running, end, options.signal);
    const isWhole = end.kind === 'exited' && !running.timedOut && options.keepsState !== false;
    if (isWhole && running.state !== null) this.state = running.state;
    this.channel?.announce(this.state);
    return resultOf(done, { notices, oomKills: (await this.streams.oomKills()) ?? 0 });
  }

  private async start(command: string, options: CommandOptions): Promise<EndedCommand> {
    const channel = await this.open(options.signal);
    const startedAt = performance.now();
    const capture = new OutputCapture(this.options.outputLimits);
    this.nextSeq();
    const running = channel.start(this.channelCommand(command, options, capture));
    const oomKillsBefore = this.streams.oomKills();
    const end = await this.endOf(running, options);
    const durationMs = performance.now() - startedAt;
    return { running, end, capture, durationMs, oomKillsBefore };
  }

  /** The command that another process began. Throws SandboxError when not all that came of it can be had. */
  private async inherit(from: Predecessor, command: string, options: CommandOptions): Promise<EndedCommand> {
    this.nextSeq();
    const { user, oomKills } = this;
    const { signal } = options;
    const capture = new OutputCapture(this.options.outputLimits);
    const wanted = this.channelCommand(command, options, capture);
    const found = await inheritCommand(this.streams, from, { command: wanted, user, signal }).catch(
      async (error: unknown) => {
        if (signal?.aborted === true) await this.killTree(wanted.seq, false);
        throw error;
      },
    );
    if (found !== null) return { ...found, capture, oomKillsBefore: Promise.resolve(oomKills) };
    throw new SandboxError(
      `sandbox ${this.options.label} does not hold all that the command under way printed`,
    );
  }

  /** The last number given out is the command's. */
  private channelCommand(command: string, options: CommandOptions, capture: OutputCapture): ChannelCommand {
    return {
      seq: this.seq,
      command,
      state: this.state,
      fallbackDir: this.workdir,
      timeoutMs: options.timeoutMs,
      onOutput: (bytes) => {
        capture.push(bytes);
        options.onOutput?.(bytes);
      },
    };
  }

  /** The channel, opened anew when it is lost. What the supervisor before kept has been heard by then. */
  private async open(signal?: AbortSignal): Promise<ShellChannel> {
    if (this.channel?.isOpen === true) return this.channel;
    const from = this.channel?.predecessor ?? this.predecessor;
    if (from !== null) await dismiss(this.streams, from, this.user);
    this.predecessor = null;
    this.channel = await reopenChannel(this.streams, this.channel, {
      user: this.user,
      label: this.options.label,
      signal,
    });
    return this.channel;
  }

  /** Waits for the command's end; sees to it that there is one. Throws the signal's reason when cancelled. */
  private async endOf(running: RunningCommand, options: CommandOptions): Promise<CommandEnd> {
    using _limit = enforceLimit(
      {
        onLimit: () => running.stopLate(),
        onAbort: () => running.kill(false),
        giveUp: () => this.channel?.close(),
      },
      options,
      agentCommandSteps,
    );
    const end = await running.ended;
    options.signal?.throwIfAborted();
    return end;
  }

  /** Puts the shell in order again and tells what happened to it. */
  private async recover(
    running: RunningCommand,
    end: CommandEnd,
    signal?: AbortSignal,
  ): Promise<readonly string[]> {
    if (end.kind === 'waiter-killed') running.kill(false);
    if (end.kind === 'closed') await (await this.open(signal)).killTree(running.seq);
    return noticesOf(running, end, this.workdir);
  }
}
