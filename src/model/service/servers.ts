import { linkAbort } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import { firstSlots, followLoad } from './admission.js';
import type { ModelEvent } from '../model-event.js';
import { EngineWatch } from './engine-watch.js';
import { Outage } from './outage.js';
import { RequestSlots } from './request-slots.js';
import { openChatClient, type ChatClient } from '../wire/chat-client.js';
import type { ServerAddress } from '../wire/server-address.js';

/** One model server of a job. */
export interface ModelServer {
  readonly address: ServerAddress;
  readonly chat: ChatClient;
  readonly slots: RequestSlots;
  readonly outage: Outage;
  readonly engine: EngineWatch;
  /** Trials that stay with this server. */
  trials: number;
}

export interface ServersOptions {
  readonly addresses: readonly ServerAddress[];
  /** Requests in flight at each server, or `auto` to follow its /metrics. */
  readonly concurrency: number | 'auto';
  readonly outageLimitMs: number;
  readonly outagePollMs: number;
  readonly metricsPollMs: number;
  readonly onEvent: (event: ModelEvent) => void;
}

/**
 * The servers of a job. A trial stays with one (its prefix cache is there); new trials go to the least loaded;
 * the trials of a server that is down move to one that is up, or wait when there is none.
 */
export class Servers implements Disposable {
  private readonly servers: readonly ModelServer[];
  private readonly stop = new AbortController();

  constructor({ addresses, concurrency, metricsPollMs, ...options }: ServersOptions) {
    const outageOptions = {
      limitMs: options.outageLimitMs,
      pollMs: options.outagePollMs,
      onEvent: options.onEvent,
    };
    this.servers = addresses.map((address) => ({
      address,
      chat: openChatClient(address),
      slots: new RequestSlots(concurrency === 'auto' ? firstSlots : concurrency),
      outage: new Outage(address, outageOptions),
      engine: new EngineWatch(),
      trials: 0,
    }));
    for (const server of this.servers) {
      void followLoad(server, {
        resizes: concurrency === 'auto',
        pollMs: metricsPollMs,
        signal: this.stop.signal,
        onEvent: options.onEvent,
      });
    }
  }

  /** The server for a new trial: of those that are up, the one with the fewest trials. Counts the trial there. */
  assign(): ModelServer {
    const up = this.servers.filter(({ outage }) => !outage.down);
    const [best] = (up.length > 0 ? up : this.servers).toSorted((a, b) => a.trials - b.trials);
    if (best === undefined) throw new EnvironmentError('no model server was given');
    best.trials += 1;
    return best;
  }

  /** Takes a trial off its server. */
  release(server: ModelServer): void {
    server.trials -= 1;
  }

  /**
   * The server a trial talks to next: its own while that is up, else the least loaded one that is. Waits while
   * all are down; rejects when that lasts too long.
   */
  async waitForServer(current: ModelServer, signal: AbortSignal): Promise<ModelServer> {
    while (current.outage.down) {
      if (this.servers.some(({ outage }) => !outage.down)) {
        this.release(current);
        return this.assign();
      }
      await this.waitForAny(signal);
    }
    return current;
  }

  [Symbol.dispose](): void {
    this.stop.abort();
    for (const { outage } of this.servers) outage.dispose();
  }

  private async waitForAny(signal: AbortSignal): Promise<void> {
    // Disposing ends the waits for the other servers, which would keep the process alive until their outage limit.
    using waits = linkAbort(signal);
    using _end = { [Symbol.dispose]: () => waits.abort() };
    try {
      signal.throwIfAborted();
      await Promise.any(this.servers.map(({ outage }) => outage.waitUntilUp(waits.signal)));
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  }
}
