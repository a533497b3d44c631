import { randomBytes } from 'node:crypto';
import { openDeadline, onAbort, startTimer, type Timer } from '../../../base/deadline.js';
import { SandboxError } from '../../../base/errors.js';
import type { DuplexExec } from '../../container-streams.js';
import type { Predecessor } from '../heritage/predecessor.js';
import { commandToken } from './command-token.js';
import { ControlReader, OutputReader, type ControlMessage } from './frame.js';
import { supervisorLimit } from '../command-limit.js';
import { readPaced } from './read-paced.js';
import {
  composeCommand,
  composeLines,
  composeStart,
  countLines,
  parseState,
  type CommandText,
  type ShellKind,
  type ShellState,
} from '../payload.js';
import { RunningCommand, type ChannelCommand } from './running-command.js';
import { header } from '../protocol.js';
import { supervisorProgram } from '../supervisor.js';

const startLimitMs = 30_000;
const answerLimitMs = 5_000;
/** How long after a command's end its leftovers may still write to the host. */
const ackDelayMs = 15;
const tickMs = 250;
/** What a flood may take of the machine after its first 64 MiB. */
const outputPace = { burstBytes: 64 * 2 ** 20, bytesPerSecond: 100 * 2 ** 20, leastPauseMs: 20 };

/** An open connection to one supervisor. */
export class ShellChannel {
  /** Directory and environment of the supervisor before it cleaned its own. */
  initialState: ShellState = { cwd: Buffer.from('/'), environment: Buffer.alloc(0) };
  shell: ShellKind = 'sh';
  /** The supervisor's pid in the sandbox; 0 when it keeps nothing for another host. */
  private pid = 0;
  private open = true;
  private running: RunningCommand | null = null;
  private lastEnded: number | null = null;
  private next: ShellState | null = null;
  /** The last command's slot serves no more. */
  private isSlotOver = true;
  /** The supervisor has the text that restores the next command's state. */
  private isRestored = false;
  private watchesTime = true;
  private ackTimer: Timer | undefined;
  private readonly output: OutputReader;
  private readonly control: ControlReader;
  private readonly answers = new Map<string, () => void>();
  private readonly killed: string[] = [];

  private constructor(
    private readonly exec: DuplexExec,
    private readonly nonce: string,
  ) {
    this.output = new OutputReader(nonce);
    this.control = new ControlReader(nonce, (message) => this.onMessage(message));
    readPaced(exec.stdout, outputPace, (chunk) => this.output.push(chunk));
    exec.stderr.on('data', (chunk: Buffer) => this.control.push(chunk));
    // A write to a supervisor that has gone is news that `closed` brings.
    exec.stdin.on('error', () => undefined);
    void exec.closed.then(() => this.onClosed());
  }

  /** Sends the script to a booted supervisor (see `bootCommand`) and waits until it serves. */
  static async open(exec: DuplexExec, signal?: AbortSignal): Promise<ShellChannel> {
    const nonce = randomBytes(16).toString('hex');
    const channel = new ShellChannel(exec, nonce);
    try {
      const booted = channel.answer('boot', startLimitMs, signal);
      exec.stdin.write(`${nonce}\n`);
      await booted;
      const ready = channel.answer('ready', startLimitMs, signal);
      exec.stdin.write(supervisorProgram(nonce));
      await ready;
      return channel;
    } catch (error) {
      channel.close();
      throw error;
    }
  }

  /** By what another host finds what this supervisor keeps; null when it keeps nothing. */
  get predecessor(): Predecessor | null {
    return this.pid > 0 ? { pid: this.pid, nonce: this.nonce } : null;
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** What the supervisor's shell itself complained about. */
  get evidence(): string {
    return this.control.noise.trim();
  }

  /** Starts a command; there must be none under way. */
  start(command: ChannelCommand): RunningCommand {
    this.ackTimer?.cancel();
    const token = commandToken(this.nonce, command);
    const running = new RunningCommand(command, token, {
      kill: (grace) => this.send(`kill ${command.seq} ${grace ? 1 : 0}`),
      tick: this.watchesTime ? null : (waiter) => this.send(`tick ${command.seq} ${waiter}`),
      tickMs,
    });
    this.running = running;
    this.output.expect(command.seq, running);
    const payload = this.payload({ ...command, token });
    const size = `${payload.length} ${countLines(payload)}`;
    const run = header(
      `run ${command.seq} ${supervisorLimit(command.timeoutMs)} ${size} ${this.isSlotOver ? 1 : 0}`,
    );
    this.exec.stdin.write(Buffer.concat([Buffer.from(run), payload]));
    if (!this.open) running.onClosed();
    void running.ended.then(() => this.onEnded(running));
    return running;
  }

  /** Lets the shell of the next command, which must be given the same, restore its state while nothing else is asked. */
  announce(state: ShellState): void {
    this.next = state;
  }

  private payload(text: CommandText): Buffer {
    if (this.shell === 'sh') return composeLines(text);
    const parts = this.isRestored ? [composeCommand(text)] : [composeStart(text.state), composeCommand(text)];
    this.isRestored = false;
    this.next = null;
    return Buffer.concat(parts);
  }

  /**
   * A little after a command's end, when no other has come: what it left running is cut off from the host (a command that
   * comes earlier cuts it off too), and the shell of the next command gets the text that restores its state.
   */
  private prepareNext(seq: number): void {
    this.acknowledge(seq);
    if (this.next === null || this.shell === 'sh' || !this.watchesTime || !this.open) return;
    const text = composeStart(this.next);
    this.exec.stdin.write(Buffer.concat([Buffer.from(header(`restore ${text.length} 0`)), text]));
    this.isRestored = true;
  }

  /** Kills what is left of an earlier command, also one of an earlier channel. */
  async killTree(seq: number, grace = false): Promise<void> {
    const stopped = this.answer(`stopped ${seq}`, answerLimitMs);
    this.send(`kill ${seq} ${grace ? 1 : 0}`);
    await stopped;
  }

  /** The agent has left: kills an unfinished command, keeps services and the supervisor. Returns `pid name` of what was killed. */
  async rest(): Promise<readonly string[]> {
    this.ackTimer?.cancel();
    if (!this.open) return [];
    const bye = this.answer('bye', answerLimitMs);
    // The last command is over: what it left running is a service, not an unfinished command.
    if (this.running === null && this.lastEnded !== null) this.acknowledge(this.lastEnded);
    this.send('finish');
    await bye;
    return this.killed;
  }

  close(): void {
    this.ackTimer?.cancel();
    this.exec.close();
    this.onClosed();
  }

  private acknowledge(seq: number): void {
    this.send(`ack ${seq} ${this.isSlotOver ? 1 : 0}`);
  }

  private send(line: string): void {
    if (this.open) this.exec.stdin.write(header(line));
  }

  private onEnded({ seq, isSlotOver }: RunningCommand): void {
    this.running = null;
    this.isSlotOver = isSlotOver;
    this.lastEnded = seq;
    this.output.abandon();
    this.ackTimer = startTimer(ackDelayMs, () => this.prepareNext(seq));
  }

  private onMessage(message: ControlMessage): void {
    if (message.kind === 'dump') {
      this.onDump(message.token, message.body);
      return;
    }
    const [word = '', ...rest] = message.words;
    const [seq = ''] = rest;
    if (word === 'ready') {
      this.shell = seq === 'bash' ? 'bash' : 'sh';
      this.watchesTime = rest[1] === '1';
      this.pid = Number(rest[2] ?? 0);
    }
    if (word === 'bye' && seq !== 'finish') this.close();
    if (word === 'relieved' && this.running !== null) this.running.relieved += Number(rest[1]);
    if (word === 'killed') this.killed.push(rest.join(' '));
    if (Number(seq) === this.running?.seq) this.running.onEvent(word, rest);
    this.resolveAnswer(word === 'stopped' ? `${word} ${seq}` : word);
  }

  private onDump(token: string, body: Buffer): void {
    if (token !== this.nonce) {
      this.running?.onDump(token, body);
      return;
    }
    this.initialState = parseState(body, token) ?? this.initialState;
    this.resolveAnswer('boot');
  }

  private onClosed(): void {
    this.open = false;
    this.ackTimer?.cancel();
    this.running?.onClosed();
    for (const name of [...this.answers.keys()]) this.resolveAnswer(name);
  }

  private resolveAnswer(name: string): void {
    const resolve = this.answers.get(name);
    this.answers.delete(name);
    resolve?.();
  }

  /** Waits for the supervisor to say `name`; throws when it does not, or its connection closes. */
  private async answer(name: string, limitMs: number, signal?: AbortSignal): Promise<void> {
    using deadline = openDeadline(limitMs, signal);
    const answered = new Promise<void>((resolve) => this.answers.set(name, resolve));
    using _givesUp = onAbort(deadline.signal, () => this.resolveAnswer(name));
    if (!this.open) this.resolveAnswer(name);
    await answered;
    signal?.throwIfAborted();
    if (deadline.signal.aborted) this.refuse(name, `for ${limitMs} ms`);
    if (!this.open) this.refuse(name, 'before its connection closed');
  }

  private refuse(name: string, when: string): never {
    const said = this.evidence === '' ? '' : `; it said: ${this.evidence.slice(-300)}`;
    throw new SandboxError(`the sandbox's shell did not answer (${name}) ${when}${said}`);
  }
}
