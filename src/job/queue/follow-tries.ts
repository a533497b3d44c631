import { randomUUID } from 'node:crypto';
import type { Queue, QueueEvents } from 'bullmq';
import { onAbort, repeat } from '../../base/deadline.js';
import { EnvironmentError } from '../../base/errors.js';
import type { Ended, TrialMessage } from './messages.js';
import { prefix } from './names.js';
import type { QueueClient } from './redis.js';

/** A try on its way to a worker, until somebody delivered it. */
export interface PutTry {
  readonly id: string;
  readonly messageOf: () => Promise<TrialMessage>;
  /** Workers take it before those that wait: its trial is late already. */
  readonly isUrgent: boolean;
}

/** Keeps tries in the queue, whatever becomes of Redis. */
export interface TryFollower extends Disposable {
  /**
   * Puts a try into the queue, and puts it there again whenever Redis has forgotten it, until the signal aborts. Never resolves; rejects
   * with `EnvironmentError` when workers failed over it for good, or what one made is lost.
   */
  follow(put: PutTry, signal: AbortSignal): Promise<never>;
}

export interface FollowedQueue {
  readonly trials: Queue;
  readonly events: QueueEvents;
  readonly client: QueueClient;
  /** Told when Redis is another one or was emptied, before the tries are looked after. */
  readonly onForgotten: () => void;
}

/** How often some of the tries are looked after, and how many at most: what happens to a try is an event, and events can be missed. */
const [everyMs, mostLooks] = [5_000, 200];
/** After this the mark is set anew and every try looked after: pieces of tasks expire after a week. */
const markSeconds = 3 * 24 * 3_600;
/** Delivered before it is completed: what is completed for so long and did not arrive is lost. */
const lostAfterMs = 60_000;

interface Followed {
  readonly put: PutTry;
  readonly reject: (error: EnvironmentError) => void;
  completedAt: number | null;
}

/** Follows the tries of a queue's coordinator. */
export function followTries({ trials, events, client, onForgotten }: FollowedQueue): TryFollower {
  const pending = new Map<string, Followed>();
  const over = new AbortController();
  const look = async (one: Followed, isForgotten: boolean): Promise<void> => {
    try {
      // What the message speaks of is sent with it, to those as well that still wait in the queue.
      if (isForgotten) await one.put.messageOf();
      if (pending.get(one.put.id) === one) await lookAfter(trials, one);
    } catch (error) {
      if (error instanceof EnvironmentError) one.reject(error);
      // Another failure is the connection's: the next round looks again.
    }
  };
  const see = ({ jobId, returnvalue }: { jobId: string; returnvalue?: string }): void => {
    const one = pending.get(jobId);
    if (one !== undefined && returnvalue !== ('made' satisfies Ended)) void look(one, false);
  };
  events.on('completed', see);
  events.on('failed', see);
  const hasForgotten = memoryOf(client);
  void repeat(everyMs, over.signal, async () => {
    const isForgotten = await hasForgotten().catch(() => false);
    if (isForgotten) onForgotten();
    const due = [...pending.values()].slice(0, isForgotten ? pending.size : mostLooks);
    for (let at = 0; at < due.length; at += mostLooks)
      await Promise.all(due.slice(at, at + mostLooks).map((one) => look(one, isForgotten)));
    // Those that were looked after wait behind the others.
    for (const one of due) if (pending.delete(one.put.id)) pending.set(one.put.id, one);
  });
  return {
    async follow(put, signal) {
      const failed = new Promise<never>((_resolve, reject) => {
        pending.set(put.id, { put, reject, completedAt: null });
        onAbort(signal, () => {
          pending.delete(put.id);
          reject(new EnvironmentError('nobody waits for it any more'));
        });
      });
      failed.catch(() => undefined);
      await add(trials, put);
      return failed;
    },
    [Symbol.dispose]: () => over.abort(),
  };
}

async function lookAfter(trials: Queue, one: Followed): Promise<void> {
  const { id } = one.put;
  const state = await trials.getJobState(id);
  if (state === 'unknown') return add(trials, one.put);
  if (state === 'failed')
    throw new EnvironmentError(`a worker could not make it: ${(await trials.getJob(id))?.failedReason}`);
  if (state !== 'completed') return;
  const job = await trials.getJob(id);
  // An earlier start of the job took it back: a queue job that is over is not made again under its id.
  if (job?.returnvalue === ('cancelled' satisfies Ended)) {
    await job.remove();
    return add(trials, one.put);
  }
  one.completedAt ??= performance.now();
  if (performance.now() - one.completedAt > lostAfterMs)
    throw new EnvironmentError('what a worker made is lost');
}

async function add(trials: Queue, { id, messageOf, isUrgent }: PutTry): Promise<void> {
  const day = { age: 24 * 3_600 };
  const options = { jobId: id, lifo: isUrgent, removeOnComplete: day, removeOnFail: day };
  await trials.add('trial', await messageOf(), options);
}

/** Asks whether Redis may have lost something since the last time: it was started anew, or emptied. */
function memoryOf(client: QueueClient): () => Promise<boolean> {
  const mark = `${prefix}:mark:${randomUUID()}`;
  let before: string | null = null;
  return async () => {
    const run = /^run_id:(\w+)/m.exec(await client.info('server'))?.[1] ?? '';
    const isMarked = (await client.get(mark)) !== null;
    if (!isMarked) await client.set(mark, '1', 'EX', markSeconds);
    const hasForgotten = before !== null && (before !== run || !isMarked);
    before = run;
    return hasForgotten;
  };
}
