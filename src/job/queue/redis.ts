import type * as bullmq from 'bullmq';
import type { ConnectionOptions } from 'bullmq';

export type { Job, Queue, Worker } from 'bullmq';
import { openDeadline, sleep } from '../../base/deadline.js';
import { EnvironmentError, InputError } from '../../base/errors.js';
import { prefix } from './names.js';
import type { PieceStore } from './pieces.js';
import type { AnnouncementStore } from './announcements.js';

/**
 * A command that is not answered for so long opens its connection anew: a peer that a broken network hides never closes it. The
 * library's own waits are of at most 10 s.
 */
const silenceLimitMs = 30_000;

/**
 * The connection behind `redis://[user:password@]host[:port][/number]` (`rediss` for TLS). It waits for a Redis that is away
 * instead of failing, as long as its owner lives.
 */
export function redisConnection(url: string): ConnectionOptions {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['redis:', 'rediss:'].includes(parsed.protocol))
    throw new InputError('the queue is no redis:// address', {
      hint: 'redis://HOST:6379, with a password as redis://:PASSWORD@HOST:6379, or $TBENCH_QUEUE',
    });
  const database = Number(parsed.pathname.slice(1) || '0');
  if (!Number.isInteger(database)) throw new InputError('the path of the queue is no number of a database');
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port || '6379'),
    username: decodeURIComponent(parsed.username) || undefined,
    password: decodeURIComponent(parsed.password) || undefined,
    db: database,
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
    maxRetriesPerRequest: null,
    socketTimeout: silenceLimitMs,
    retryStrategy: (times) => Math.min(times * 200, 3_000),
  };
}

/** The address as it may be shown: without its password. */
export function shownAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** What is used of a Redis client. */
export interface QueueClient extends PieceStore, AnnouncementStore {
  set(key: string, value: string | Buffer, expiry: 'EX', seconds: number): Promise<unknown>;
  info(section: 'server'): Promise<string>;
}

/** The library, loaded when a queue is asked for, with what every part of it is opened with. */
export interface Bull {
  readonly Queue: typeof bullmq.Queue;
  readonly QueueEvents: typeof bullmq.QueueEvents;
  readonly Worker: typeof bullmq.Worker;
  readonly DelayedError: typeof bullmq.DelayedError;
  readonly connection: ConnectionOptions;
  /** Told of a connection that broke: it is opened again by itself. */
  readonly onError: (error: Error) => void;
}

const answerLimitMs = 10_000;
/** Every part of the library tells of the same outage, again and again. */
const quietMs = 30_000;

/** Throws `EnvironmentError` when no Redis answers at the address. */
export async function openBull(url: string, tell: (line: string) => void): Promise<Bull> {
  const connection = redisConnection(url);
  const { Queue, QueueEvents, Worker, DelayedError } = await import('bullmq');
  let toldAt = -quietMs;
  const onError = (error: Error): void => {
    if (performance.now() - toldAt < quietMs) return;
    toldAt = performance.now();
    tell(`the queue at ${shownAddress(url)} is away: ${error.message}; waiting for it`);
  };
  // It leaves no key of its own in Redis.
  const probe = new Queue('probe', { connection, prefix, skipMetasUpdate: true });
  let last: Error | null = null;
  probe.on('error', (error) => (last = error));
  using deadline = openDeadline(answerLimitMs);
  try {
    await Promise.race([probe.waitUntilReady(), sleep(2 * answerLimitMs, deadline.signal)]);
  } catch {
    throw new EnvironmentError(`no Redis answers at ${shownAddress(url)}`, {
      cause: last,
      hint: 'Start one (Debian: apt-get install redis-server), or mend the address.',
    });
  } finally {
    void probe.close().catch(() => undefined);
  }
  return { Queue, QueueEvents, Worker, DelayedError, connection, onError };
}
