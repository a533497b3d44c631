import { DeadlineReached, onAbort, openDeadline, sleep } from '../../base/deadline.js';
import type { ModelEvent } from '../model-event.js';
import { ModelError } from '../model-error.js';
import { getHealth, type Health } from './server-status.js';
import type { ServerAddress } from '../wire/server-address.js';

export interface OutageOptions {
  /** How long a server may be down before waiting trials give up. */
  readonly limitMs: number;
  /** First pause between two looks at /health; grows to five times that. */
  readonly pollMs: number;
  readonly onEvent: (event: ModelEvent) => void;
}

/** Longest wait for an answer of /health. */
const healthTimeoutMs = 5000;

/**
 * Whether one server is there. The trial that finds it down starts one poller for all; everyone waits for it,
 * so the whole job is paused and the server is not hammered while it loads its weights.
 */
export class Outage {
  private downSince: number | null = null;
  private end: Signalled | null = null;
  private asking: Promise<Health> | null = null;
  private readonly stop = new AbortController();

  constructor(
    private readonly address: ServerAddress,
    private readonly options: OutageOptions,
  ) {}

  get down(): boolean {
    return this.downSince !== null;
  }

  /** Milliseconds until waiting trials give up; null while the server is up. */
  get leftMs(): number | null {
    return this.downSince === null ? null : this.options.limitMs - (performance.now() - this.downSince);
  }

  /** Asks the server after a failure that looks like its end. Returns true, and pauses everyone, when it is down. */
  async check(message: string): Promise<boolean> {
    if (this.down) return true;
    this.asking ??= getHealth(this.address, healthTimeoutMs, this.stop.signal).finally(
      () => (this.asking = null),
    );
    if ((await this.asking).state !== 'down') return false;
    this.begin(message);
    return true;
  }

  /** Resolves when the server is up again. Rejects with the signal's reason, or when the outage is too long. */
  async waitUntilUp(signal: AbortSignal): Promise<void> {
    const { end, leftMs } = this;
    if (end === null || leftMs === null) return;
    signal.throwIfAborted();
    using patience = openDeadline(Math.max(0, leftMs), signal);
    try {
      await Promise.race([end.promise, rejectOnAbort(patience.signal)]);
    } catch (error) {
      throw error instanceof DeadlineReached && !signal.aborted ? this.tooLong() : error;
    }
  }

  /** Stops polling. */
  dispose(): void {
    this.stop.abort();
  }

  private begin(message: string): void {
    if (this.downSince !== null) return;
    this.downSince = performance.now();
    this.end = withResolvers();
    const { limitMs, onEvent } = this.options;
    onEvent({ kind: 'outage-start', baseUrl: this.address.baseUrl, message, limitMs });
    void this.poll();
  }

  private async poll(): Promise<void> {
    const { signal } = this.stop;
    let pauseMs = this.options.pollMs;
    try {
      do {
        await sleep(pauseMs, signal);
        pauseMs = Math.min(pauseMs * 1.5, this.options.pollMs * 5);
      } while ((await getHealth(this.address, healthTimeoutMs, signal)).state !== 'up');
    } catch {
      return;
    }
    const downMs = performance.now() - (this.downSince ?? performance.now());
    this.downSince = null;
    this.end?.resolve();
    this.end = null;
    this.options.onEvent({ kind: 'outage-end', baseUrl: this.address.baseUrl, downMs });
  }

  private tooLong(): ModelError {
    const minutes = (this.options.limitMs / 60_000).toFixed(1);
    return new ModelError(`model server ${this.address.baseUrl} has been down for ${minutes} minutes`, {
      class: 'server-down',
      hint: 'Start it again and run the same command: finished trials are kept. --outage-limit sets how long to wait.',
    });
  }
}

/** A promise that somebody else resolves. */
interface Signalled {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function withResolvers(): Signalled {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    onAbort(signal, reject);
  });
}
