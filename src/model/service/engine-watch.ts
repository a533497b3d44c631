import type { ServerLoad } from './metrics.js';

/**
 * Whether a server's engine generates anything. /health of a vLLM whose engine is stopped answers 200; that its counter of
 * generated tokens stands still while requests run is what shows it.
 */
export class EngineWatch {
  private generated: number | null = null;
  private movedAt: number | null = null;

  /** Takes what /metrics said now, on the monotonic clock; null when it said nothing. */
  see(load: ServerLoad | null, now = performance.now()): void {
    if (load === null || load.generated === null) {
      this.movedAt = null;
    } else if (this.movedAt === null || load.generated !== this.generated || load.running === 0) {
      this.movedAt = now;
    }
    this.generated = load?.generated ?? null;
  }

  /** How long nothing has been generated while requests ran; null where the server does not say. */
  stillMs(now = performance.now()): number | null {
    return this.movedAt === null ? null : now - this.movedAt;
  }
}
