export interface PaceLimits {
  /** Bytes that pass without delay. */
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
  /** Shorter pauses are saved up. */
  readonly leastPauseMs: number;
}

/** Decides when a reader must pause, so that one flood does not take the machine from everybody else. */
export class Pace {
  private credit: number;
  private checkedAt: number;

  constructor(
    private readonly limits: PaceLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.credit = limits.burstBytes;
    this.checkedAt = now();
  }

  /** Counts `bytes` just read. Returns how long to pause; 0 for not at all. */
  take(bytes: number): number {
    const { burstBytes, bytesPerSecond, leastPauseMs } = this.limits;
    const now = this.now();
    const earned = ((now - this.checkedAt) / 1000) * bytesPerSecond;
    this.checkedAt = now;
    this.credit = Math.min(burstBytes, this.credit + earned) - bytes;
    const pauseMs = (-this.credit / bytesPerSecond) * 1000;
    return pauseMs < leastPauseMs ? 0 : pauseMs;
  }
}
