import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, Worker } from 'bullmq';
import { sleep } from '../../base/deadline.js';
import { ResultsError } from '../../base/errors.js';
import type { TrialEvent } from '../../record/event.js';
import { trialPaths } from '../../results/layout.js';
import { deliverySchema, type Delivery } from './messages.js';
import { dropPieces, type PieceStore } from './pieces.js';
import { deliveryQueueName, prefix } from './names.js';
import type { Bull } from './redis.js';
import { takeDelivery } from './take-delivery.js';

/** Where the finished tries of one job arrive. */
export interface Deliveries extends AsyncDisposable {
  /** Resolves when the try has arrived and lies in the job's folder. Rejects with `ResultsError` when what arrived is broken. */
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
/** How long the job may take to keep an outcome before its pieces are dropped. */
const keepLimitMs = 60_000;

export function openDeliveries(
  bull: Bull,
  store: PieceStore,
  job: { readonly id: string; readonly dir: string; readonly emit: (event: TrialEvent) => void },
): Deliveries {
  const expected = new Map<string, Expected>();
  const taken = new Set<string>();
  const keyOf = (trial: string, tries: number): string => `${tries} ${trial}`;
  const take = async (delivery: Delivery): Promise<'taken' | 'not-asked-for'> => {
    const key = keyOf(delivery.trial, delivery.tries);
    if (taken.has(key)) return 'taken';
    const asked = expected.get(key);
    if (asked === undefined) return 'not-asked-for';
    expected.delete(key);
    try {
      const lost = [...delivery.leftOut, ...(await takeDelivery(job.dir, delivery, store))];
      tellLost(delivery, lost, job.emit);
      taken.add(key);
      asked.resolve(delivery);
      await kept(job.dir, delivery.trial);
    } catch (error) {
      asked.reject(
        error instanceof ResultsError ? error : new ResultsError('a delivery broke', { cause: error }),
      );
    }
    return 'taken';
  };
  const active = new Set<Promise<void>>();
  const receive = async (message: Job, token: string | undefined): Promise<void> => {
    const parsed = deliverySchema.safeParse(message.data);
    if (!parsed.success) return;
    if ((await take(parsed.data)) === 'not-asked-for') {
      await message.moveToDelayed(Date.now() + laterMs, token);
      throw new bull.DelayedError();
    }
    await dropPieces(store, parsed.data.folder);
  };
  const worker: Worker = new bull.Worker(
    deliveryQueueName(job.id),
    (message, token) => {
      const work: Promise<void> = receive(message, token).finally(() => active.delete(work));
      active.add(work);
      return work;
    },
    { connection: bull.connection, prefix, concurrency: atOnce, lockDuration: 60_000 },
  );
  worker.on('error', bull.onError);
  return {
    expect: (trial, tries) =>
      new Promise((resolve, reject) => expected.set(keyOf(trial, tries), { resolve, reject })),
    async [Symbol.asyncDispose]() {
      await Promise.race([Promise.allSettled(active), sleep(closeLimitMs)]);
      await worker.close(true);
      if (expected.size === 0) await forgetQueue(bull, job.id);
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

/** Removes what is left of the queue of a job that waits for nothing any more. */
async function forgetQueue(bull: Bull, jobId: string): Promise<void> {
  const queue = new bull.Queue(deliveryQueueName(jobId), { connection: bull.connection, prefix });
  queue.on('error', bull.onError);
  await Promise.race([queue.obliterate({ force: true }), sleep(closeLimitMs)]).catch(() => undefined);
  await queue.close();
}

/** Returns when the job has the result, or has put the try away for another one. */
async function kept(jobDir: string, trial: string): Promise<void> {
  const { dir, result } = trialPaths(jobDir, trial);
  for (let waitedMs = 0; waitedMs < keepLimitMs; waitedMs += 100) {
    if (await isThere(result)) return;
    if (!(await isThere(join(dir, 'config.json')))) return;
    await sleep(100);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
