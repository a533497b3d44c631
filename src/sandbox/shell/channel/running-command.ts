import { startTicker, startTimer, type Timer } from '../../../base/deadline.js';
import type { OutputListener } from './frame.js';
import { lostDirectoryDump, parseState, trapDumpPrefix, type ShellState } from '../payload.js';

/** One command as the supervisor takes it. */
export interface ChannelCommand {
  /** Counts up, never used twice in a sandbox. */
  readonly seq: number;
  readonly command: string;
  readonly state: ShellState;
  readonly fallbackDir: string;
  readonly timeoutMs: number;
  /** Slices are valid only during the call. */
  readonly onOutput: (bytes: Buffer) => void;
}

/** How a command ended as far as its channel can tell. */
export type CommandEnd =
  /** `outputLost`: the relay was killed before it had passed on everything. */
  | { readonly kind: 'exited'; readonly exitCode: number; readonly outputLost: boolean }
  /** The waiter was killed: nobody can tell the exit code. */
  | { readonly kind: 'waiter-killed' }
  /** The supervisor is gone, or its connection. */
  | { readonly kind: 'closed' };

/** What the channel can do for its command. */
interface CommandControls {
  /** Kills the whole tree; with `grace` SIGTERM comes first. */
  readonly kill: (grace: boolean) => void;
  /** Makes a supervisor that cannot watch the time look around; null when it can. */
  readonly tick: ((waiter: string) => void) | null;
  readonly tickMs: number;
}

/** The end of the output and the exit code come on two streams; when one is long overdue the relay was killed. */
const lostMarkerMs = 1_500;

/** A command under way: collects the supervisor's news until it has ended. */
export class RunningCommand implements OutputListener {
  readonly ended: Promise<CommandEnd>;
  /** What the text left when it was through. */
  state: ShellState | null = null;
  timedOut = false;
  /** Its directory from before was gone; it ran in the fallback. */
  lostDirectory = false;
  /** Its slot serves no more commands. */
  isSlotOver = true;
  /** Processes of earlier commands that were killed because the process table was full. */
  relieved = 0;
  /** What it left when it called exit, or a signal ended its shell. */
  private trapState: ShellState | null = null;
  private exitCode: number | null = null;
  /** The waiter's pid, where the supervisor has to be told. */
  private waiter = '';
  private outputEnded = false;
  private lastOutputAt = 0;
  private resolveEnded: (end: CommandEnd) => void = () => undefined;
  private lostMarkerTimer: Timer | undefined;
  private readonly ticker: Pick<Timer, 'cancel'> | undefined;

  constructor(
    private readonly command: ChannelCommand,
    private readonly token: string,
    private readonly controls: CommandControls,
  ) {
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
    const { tick } = controls;
    this.ticker = tick === null ? undefined : startTicker(controls.tickMs, () => tick(this.waiter));
  }

  get seq(): number {
    return this.command.seq;
  }

  kill(grace: boolean): void {
    this.controls.kill(grace);
  }

  onData(bytes: Buffer): void {
    this.lastOutputAt = Date.now();
    this.command.onOutput(bytes);
  }

  onEnd(): void {
    this.outputEnded = true;
    this.finishWhenComplete();
  }

  onDump(token: string, body: Buffer): void {
    if (token !== this.token) return;
    if (body.equals(lostDirectoryDump)) this.lostDirectory = true;
    else if (body[0] === trapDumpPrefix) {
      this.trapState = parseState(body.subarray(1), token);
    } else this.state = parseState(body, token) ?? this.state;
  }

  /** The supervisor is late with the timeout: it is reminded. */
  stopLate(): void {
    this.timedOut = true;
    this.kill(true);
  }

  /** `waiter PID`, `timeout`, `end EXIT LOST OVER`, `gone`. */
  onEvent(word: string, [, first = '', second, third]: readonly string[]): void {
    if (word === 'waiter') this.waiter = first;
    if (word === 'timeout') this.timedOut = true;
    if (word === 'gone') this.onGone();
    if (word !== 'end') return;
    this.isSlotOver = third !== '0' || this.timedOut;
    this.onExit(Number(first), second === '1');
  }

  private onExit(exitCode: number, outputLost: boolean): void {
    this.exitCode = exitCode;
    // Above 128 means a signal: the text did not finish.
    if (this.exitCode <= 128) this.state ??= this.trapState;
    if (outputLost) this.finish({ kind: 'exited', exitCode, outputLost: true });
    else if (!this.finishWhenComplete()) this.waitForMarker();
  }

  /** Without an exit code the waiter was killed. */
  private onGone(): void {
    if (this.exitCode === null) this.finish({ kind: 'waiter-killed' });
  }

  onClosed(): void {
    this.finish({ kind: 'closed' });
  }

  private finishWhenComplete(): boolean {
    if (this.exitCode === null || !this.outputEnded) return false;
    this.finish({ kind: 'exited', exitCode: this.exitCode, outputLost: false });
    return true;
  }

  /** Output still on its way moves the limit. */
  private waitForMarker(): void {
    this.lostMarkerTimer = startTimer(lostMarkerMs, () => {
      if (Date.now() - this.lastOutputAt < lostMarkerMs) this.waitForMarker();
      else this.finish({ kind: 'exited', exitCode: this.exitCode ?? 0, outputLost: true });
    });
  }

  private finish(end: CommandEnd): void {
    this.lostMarkerTimer?.cancel();
    this.ticker?.cancel();
    this.resolveEnded(end);
  }
}
