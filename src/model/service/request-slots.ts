import { onAbort } from '../../base/deadline.js';

/** Places for requests in flight at one server, handed out in the order they were asked for. */
export class RequestSlots {
  private taken = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private places: number) {}

  get limit(): number {
    return this.places;
  }

  get inUse(): number {
    return this.taken;
  }

  /** Requests of ours waiting for a place. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Changes the number of places; requests in flight are not disturbed. */
  resize(places: number): void {
    this.places = places;
    this.admit();
  }

  /** Waits for a place; dispose the result to give it back. Rejects with the signal's reason. */
  async acquire(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.taken < this.places && this.queue.length === 0) this.taken += 1;
    else await this.wait(signal);
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.taken -= 1;
        this.admit();
      },
    };
  }

  private wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        leaving[Symbol.dispose]();
        resolve();
      };
      const leave = (): void => {
        this.queue.splice(this.queue.indexOf(enter), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      this.queue.push(enter);
      const leaving = onAbort(signal, leave);
    });
  }

  private admit(): void {
    while (this.taken < this.places) {
      const next = this.queue.shift();
      if (next === undefined) return;
      this.taken += 1;
      next();
    }
  }
}
