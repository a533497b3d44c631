import { DeadlineReached, linkAbort, startTimer, type LinkedAbort } from './deadline.js';

/**
 * What time away from the agent is spent on: waiting for a request slot, on tries of a request that failed and
 * the pauses after them, while the model server is down, or while a person has paused the job or the trial.
 */
export type Suspension = 'slot' | 'retry' | 'outage' | 'pause';

/**
 * Which time the task's agent timeout is held against. `wall` is what published evaluations did;
 * `working` leaves out slots and retries too. An outage or a pause is charged to neither.
 */
export const clockModes = ['wall', 'working'] as const;
export type ClockMode = (typeof clockModes)[number];

export interface ClockReading {
  /** Everything since the agent started, outages and pauses included, on the monotonic clock. */
  readonly elapsedMs: number;
  /** `elapsedMs` without outages and pauses: what the `wall` clock enforces. */
  readonly wallMs: number;
  /** `wallMs` without slots and retries: what the `working` clock enforces. */
  readonly workingMs: number;
  readonly slotMs: number;
  readonly retryMs: number;
  readonly outageMs: number;
  readonly pauseMs: number;
  /**
   * How long the server had been silent on the request that was under way when the time ended. The clocks count this
   * time like any other; whoever judges the ending reads it here.
   */
  readonly silenceMs: number;
  /** For how long of this silence the server's own counters showed that it worked on nothing. */
  readonly stuckMs: number;
}

/**
 * The agent's time: aborts `signal` with `DeadlineReached` when the enforced clock passes the limit, or with
 * the parent's reason when the trial is cancelled. Suspensions may overlap; each kind is counted once.
 */
export class AgentClock implements Disposable {
  readonly signal: AbortSignal;
  private readonly link: LinkedAbort;
  private startedAt = performance.now();
  private readonly open: Record<Suspension, { depth: number; since: number; totalMs: number }> = {
    slot: { depth: 0, since: 0, totalMs: 0 },
    retry: { depth: 0, since: 0, totalMs: 0 },
    outage: { depth: 0, since: 0, totalMs: 0 },
    pause: { depth: 0, since: 0, totalMs: 0 },
  };
  private silenceMs = 0;
  private stuckMs = 0;
  private timer: { cancel: () => void } | undefined;

  constructor(
    readonly limitMs: number | null,
    readonly mode: ClockMode,
    parent?: AbortSignal,
  ) {
    this.link = linkAbort(parent);
    this.signal = this.link.signal;
    this.rearm();
  }

  /** True once the enforced limit, and nothing else, ended the agent's time. */
  get expired(): boolean {
    return this.signal.reason instanceof DeadlineReached;
  }

  /** Marks time as spent away from the agent until the returned handle is disposed. */
  suspend(kind: Suspension): Disposable {
    const entry = this.open[kind];
    if (entry.depth === 0) entry.since = performance.now();
    entry.depth += 1;
    this.rearm();
    let done = false;
    return {
      [Symbol.dispose]: () => {
        if (done) return;
        done = true;
        entry.depth -= 1;
        if (entry.depth === 0) entry.totalMs += performance.now() - entry.since;
        this.rearm();
      },
    };
  }

  /** Counts time that has already passed as spent away: a try that failed. */
  excuse(kind: Suspension, ms: number): void {
    this.open[kind].totalMs += ms;
    this.rearm();
  }

  /** Tells how long the server had been silent when the agent's time ended, and seen to stand still. */
  noteSilence(silenceMs: number, stuckMs = 0): void {
    this.silenceMs = silenceMs;
    this.stuckMs = stuckMs;
  }

  /** Goes on from an earlier reading: what has passed since then is nobody's time. */
  restore({ elapsedMs, slotMs, retryMs, outageMs, pauseMs, silenceMs, stuckMs }: ClockReading): void {
    this.startedAt = performance.now() - elapsedMs;
    this.open.slot.totalMs = slotMs;
    this.open.retry.totalMs = retryMs;
    this.open.outage.totalMs = outageMs;
    this.open.pause.totalMs = pauseMs;
    this.silenceMs = silenceMs;
    this.stuckMs = stuckMs;
    this.rearm();
  }

  read(): ClockReading {
    const now = performance.now();
    const spent = (kind: Suspension): number => {
      const entry = this.open[kind];
      return entry.totalMs + (entry.depth > 0 ? now - entry.since : 0);
    };
    const elapsedMs = now - this.startedAt;
    const [slotMs, retryMs, outageMs] = [spent('slot'), spent('retry'), spent('outage')];
    const pauseMs = spent('pause');
    const wallMs = Math.max(0, elapsedMs - outageMs - pauseMs);
    return {
      elapsedMs,
      wallMs,
      workingMs: Math.max(0, wallMs - slotMs - retryMs),
      slotMs,
      retryMs,
      outageMs,
      pauseMs,
      silenceMs: this.silenceMs,
      stuckMs: this.stuckMs,
    };
  }

  /** What counts against the limit so far. */
  spentMs(): number {
    const { wallMs, workingMs } = this.read();
    return this.mode === 'wall' ? wallMs : workingMs;
  }

  [Symbol.dispose](): void {
    this.timer?.cancel();
    this.link[Symbol.dispose]();
  }

  private rearm(): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (this.limitMs === null || this.signal.aborted || this.isStopped()) return;
    const left = this.limitMs - this.spentMs();
    this.timer = startTimer(Math.max(0, left), () => this.link.abort(new DeadlineReached(this.limitMs ?? 0)));
  }

  private isStopped(): boolean {
    const away: readonly Suspension[] =
      this.mode === 'wall' ? ['outage', 'pause'] : ['outage', 'pause', 'slot', 'retry'];
    return away.some((kind) => this.open[kind].depth > 0);
  }
}
