import type { Job, Worker } from 'bullmq';
import { waitBriefly } from '../../base/deadline.js';
import { ResultsError } from '../../base/errors.js';
import type { TrialEvent } from '../../record/event.js';
import { deliverySchema, type Delivery } from './messages.js';
import { deliveryQueueName, overKey, overSeconds, prefix, tryId } from './names.js';
import { dropPieces } from './pieces.js';
import type { Bull, QueueClient } from './redis.js';
import { isSuperseded, takeDelivery, type ArrivalFolder } from './take-delivery.js';

/** Where the finished tries of one job arrive. */
export interface Deliveries extends AsyncDisposable {
  /** Resolves when the try lies in the job's folder, with its result. Rejects with `ResultsError` when what arrived is broken. */
  expect(trial: string, tries: number): Promise<Delivery>;
}

interface Expected {
  readonly resolve: (delivery: Delivery) => void;
  readonly reject: (error: ResultsError) => void;
}

/** Deliveries that are unpacked at once. */
const atOnce = 4;
/** How soon a delivery is looked at again that nobody has asked for yet. */
const laterMs = 2_000;
/** How long the end of a job waits for Redis. */
const closeLimitMs = 5_000;
/** A coordinator that died holds what it was taking for so long: the next one waits for it. */
const leaseMs = 15_000;

/** Opens the arrival of one job's tries. */
export function openDeliveries(
  bull: Bull,
  store: QueueClient,
  job: ArrivalFolder & { readonly id: string; readonly emit: (event: TrialEvent) => void },
): Deliveries {
  const expected = new Map<string, Expected>();
  const keyOf = (trial: string, tries: number): string => `${tries} ${trial}`;
  /** `lost` is what Redis has lost a part of: its worker sends it again. */
  const take = async (delivery: Delivery): Promise<'taken' | 'lost' | 'not-asked-for'> => {
    if (await isSuperseded(job.dir, delivery)) return 'taken';
    const key = keyOf(delivery.trial, delivery.tries);
    const asked = expected.get(key);
    if (asked === undefined) return 'not-asked-for';
    expected.delete(key);
    try {
      const refused = await takeDelivery(job, delivery, store);
      if (refused === null) {
        expected.set(key, asked);
        return 'lost';
      }
      tellLost(delivery, [...delivery.leftOut, ...refused], job.emit);
      asked.resolve(delivery);
    } catch (error) {
      asked.reject(
        error instanceof ResultsError ? error : new ResultsError('a delivery broke', { cause: error }),
      );
    }
    return 'taken';
  };
  const receive = async (message: Job, token: string | undefined): Promise<void> => {
    const parsed = deliverySchema.safeParse(message.data);
    if (!parsed.success) return;
    const { trial, tries, folder } = parsed.data;
    const came = await take(parsed.data);
    if (came === 'not-asked-for') {
      await message.moveToDelayed(Date.now() + laterMs, token);
      throw new bull.DelayedError();
    }
    if (came === 'taken') await store.set(overKey(tryId(job.id, trial, tries)), '1', 'EX', overSeconds);
    await dropPieces(store, folder);
  };
  const worker = openReceiver(bull, job.id, receive);
  return {
    expect: (trial, tries) =>
      new Promise((resolve, reject) => expected.set(keyOf(trial, tries), { resolve, reject })),
    async [Symbol.asyncDispose]() {
      await worker[Symbol.asyncDispose]();
      if (expected.size === 0) await forgetQueue(bull, store, job.id);
    },
  };
}

type Receive = (message: Job, token: string | undefined) => Promise<void>;

function openReceiver(bull: Bull, jobId: string, receive: Receive): AsyncDisposable {
  const active = new Set<Promise<void>>();
  const worker: Worker = new bull.Worker(
    deliveryQueueName(jobId),
    (message, token) => {
      const work: Promise<void> = receive(message, token).finally(() => active.delete(work));
      active.add(work);
      return work;
    },
    {
      ...{ connection: bull.connection, prefix, concurrency: atOnce, lockDuration: leaseMs },
      // However often a coordinator dies over it, what a worker made is taken.
      ...{ stalledInterval: leaseMs / 2, maxStalledCount: Number.MAX_SAFE_INTEGER },
    },
  );
  worker.on('error', bull.onError);
  return {
    async [Symbol.asyncDispose]() {
      await waitBriefly(closeLimitMs, Promise.allSettled(active));
      await worker.close(true);
    },
  };
}

function tellLost(
  { trial, worker }: Delivery,
  lost: readonly string[],
  emit: (event: TrialEvent) => void,
): void {
  for (const text of lost) emit({ kind: 'trial-note', trial, text: `did not come from ${worker}: ${text}` });
}

/** Removes what is left of the queue of a job that waits for nothing any more: tries that were delivered twice. */
async function forgetQueue(bull: Bull, store: QueueClient, jobId: string): Promise<void> {
  const queue = new bull.Queue(deliveryQueueName(jobId), { connection: bull.connection, prefix });
  queue.on('error', bull.onError);
  const forget = async (): Promise<void> => {
    for (const { data } of await queue.getJobs(['wait', 'delayed', 'active'])) {
      const parsed = deliverySchema.safeParse(data);
      if (parsed.success) await dropPieces(store, parsed.data.folder);
    }
    await queue.obliterate({ force: true });
  };
  await waitBriefly(closeLimitMs, forget());
  await queue.close();
}
