import { sleep } from '../../base/deadline.js';
import { SandboxError } from '../../base/errors.js';
import { UnreachableError, type ContainerStreams } from '../container-streams.js';
import { agentCommandSteps, checkLimit, enforceLimit, timedOutExitCode } from './command-limit.js';
import { OutputCapture, type OutputLimits } from './output-capture.js';
import type { TreeKiller } from './harness-exec.js';
import { withVariables, type ShellState } from './payload.js';
import type { RunningCommand, CommandEnd } from './running-command.js';
import type { CommandOptions, CommandResult } from '../sandbox.js';
import { ShellChannel } from './shell-channel.js';
import { bootCommand } from './supervisor.js';
import { provenCommand } from '../sandbox-token.js';

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
  /** Drops the connection; the container is about to go. */
  close(): Promise<void>;
}

/** Attaches to the container's PID 1, which must be `bootCommand` and just started. */
export async function openShell(streams: ContainerStreams, options: ShellOptions): Promise<AgentShell> {
  const channel = await ShellChannel.open(await streams.attach(options.signal), options.signal);
  return new Shell(streams, options, channel);
}

class Shell implements AgentShell {
  readonly workdir: string;
  private first: ShellState;
  private user: string | null;
  private state: ShellState;
  private seq = 0;
  private busy = false;
  private ended = false;

  constructor(
    private readonly streams: ContainerStreams,
    private readonly options: ShellOptions,
    private channel: ShellChannel,
  ) {
    this.first = withVariables(channel.initialState, options.environment);
    this.state = this.first;
    this.user = options.user;
    this.workdir = channel.initialState.cwd.toString();
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
    return { killed: await this.channel.rest() };
  }

  async renew(user: string | null): Promise<void> {
    this.channel.close();
    const isSame = user === this.user;
    this.user = user;
    await this.reopen();
    const { environment } = this.channel.initialState;
    if (!isSame) this.first = withVariables({ cwd: this.first.cwd, environment }, this.options.environment);
    this.state = this.first;
    this.ended = false;
  }

  close(): Promise<void> {
    this.ended = true;
    this.channel.close();
    return Promise.resolve();
  }

  nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }

  async killTree(seq: number, grace: boolean): Promise<void> {
    if (!this.channel.isOpen) await this.reopen();
    await this.channel.killTree(seq, grace);
  }

  private async runAlone(command: string, options: CommandOptions): Promise<CommandResult> {
    if (!this.channel.isOpen) await this.reopen(options.signal);
    const startedAt = performance.now();
    const capture = new OutputCapture(this.options.outputLimits);
    const running = this.channel.start({
      seq: this.nextSeq(),
      command,
      state: this.state,
      fallbackDir: this.workdir,
      timeoutMs: options.timeoutMs,
      onOutput: (bytes) => {
        capture.push(bytes);
        options.onOutput?.(bytes);
      },
    });
    const oomKillsBefore = this.streams.oomKills();
    const end = await this.endOf(running, options);
    const durationMs = performance.now() - startedAt;
    const notices = await this.recover(running, end, options.signal);
    const isWhole = end.kind === 'exited' && !running.timedOut && options.keepsState !== false;
    if (isWhole && running.state !== null) this.state = running.state;
    this.channel.announce(this.state);
    const exitCode = exitCodeOf(running, end);
    const oomKills = (await this.streams.oomKills()) ?? 0;
    const outOfMemory = oomKills > ((await oomKillsBefore) ?? oomKills);
    return {
      output: capture.finish(),
      exitCode,
      timedOut: running.timedOut,
      outOfMemory,
      notice: notices.length === 0 ? null : notices.join(' '),
      durationMs,
    };
  }

  /** Waits for the command's end; sees to it that there is one. Throws the signal's reason when cancelled. */
  private async endOf(running: RunningCommand, options: CommandOptions): Promise<CommandEnd> {
    using _limit = enforceLimit(
      {
        onLimit: () => running.stopLate(),
        onAbort: () => running.kill(false),
        giveUp: () => this.channel.close(),
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
    const notices: string[] = [];
    if (running.lostDirectory)
      notices.push(`The working directory from before no longer exists; the command ran in ${this.workdir}.`);
    if (running.relieved > 0) {
      notices.push(
        `The process limit was reached: ${running.relieved} processes left by earlier commands were killed to start this one.`,
      );
    }
    if (end.kind === 'exited' && end.outputLost) {
      notices.push('The process that passes on the output was killed; output may be missing.');
    }
    if (end.kind === 'waiter-killed') {
      running.kill(false);
      notices.push(
        'The processes of the shell were killed while this command ran; what was left of it was stopped. ' +
          stateKept,
      );
    }
    if (end.kind === 'closed') {
      await this.reopen(signal);
      await this.channel.killTree(running.seq);
      notices.push(
        'The shell was lost while this command ran and was started anew; the command was stopped. ' +
          stateKept,
      );
    }
    return notices;
  }

  /** Starts another supervisor beside the lost one. Throws SandboxError when the container or the engine is gone. */
  private async reopen(signal?: AbortSignal): Promise<void> {
    const evidence = this.channel.evidence.slice(-300);
    const { user } = this;
    const { label } = this.options;
    for (const delayMs of reopenDelaysMs) {
      await sleep(delayMs, signal);
      try {
        await this.streams.assertAlive(signal);
        const exec = await this.streams.open(provenCommand(this.streams.token, bootCommand), {
          user,
          cwd: '/',
          env: {},
          stdin: true,
          ...(signal && { signal }),
        });
        this.channel = await ShellChannel.open(exec, signal);
        return;
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof UnreachableError && delayMs !== reopenDelaysMs.at(-1)) continue;
        const said = evidence === '' ? '' : `; the lost one had said: ${evidence}`;
        throw new SandboxError(`the shell of sandbox ${label} is lost and no other can be started${said}`, {
          cause: error,
        });
      }
    }
  }
}

const reopenDelaysMs = [0, 200, 500, 1_000, 2_000, 4_000, 8_000];
const stateKept = 'The working directory and environment are those from before it.';

function exitCodeOf(running: RunningCommand, end: CommandEnd): number {
  if (running.timedOut) return timedOutExitCode;
  return end.kind === 'exited' ? end.exitCode : 137;
}

function refused(reason: string): CommandResult {
  const output = { head: `tbench: ${reason}\n`, tail: '', elided: 0, totalBytes: 0 };
  return { output, exitCode: 126, timedOut: false, outOfMemory: false, notice: null, durationMs: 0 };
}
