import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';

import { ClosingStack } from '../../base/closing-stack.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { takeFileLock } from '../../base/files/file-lock.js';
import {
  trialMessageSchema,
  type Announcement,
  type Ended,
  type TrialMessage,
} from '../../job/queue/messages.js';
import { prefix, trialQueueName } from '../../job/queue/names.js';
import { openBull, shownAddress, type Job, type QueueClient, type Worker } from '../../job/queue/redis.js';
import { announce } from '../../job/queue/worker-list.js';
import { openAdmission, slotsOf, type Admission, type Concurrency } from '../../job/schedule/admission.js';
import { privateModes } from '../../results/private-modes.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import type { Surroundings } from '../surroundings.js';
import { openEngine } from '../local/open-engine.js';
import { readVersion } from '../version.js';
import { deliver, spooledDeliveries } from './deliver.js';
import { makeQueuedTrial, type Made, type QueuedTrialParts } from './make-queued-trial.js';
import { openWorkerRuns } from './worker-runs.js';
import { workerTasks } from './worker-tasks.js';
import { join } from 'node:path';

export interface WorkerOptions extends Pick<Surroundings, 'env' | 'engine' | 'signal' | 'tell'> {
  readonly url: string;
  readonly concurrency: Concurrency;
  readonly baseUrls: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Takes what is under way; one worker's alone. */
  readonly spoolDir: string;
}

/** How long a worker may be silent before its trial goes to another one. */
const leaseMs = 30_000;
/** How often a trial may lose its worker before it counts as broken. */
const mostLost = 5;
/** When a trial that this worker refused may be taken by one again. */
const refusedForMs = 5_000;

/** Takes trials from the queue until the signal aborts, then gives back what it has under way. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { url, signal, tell, spoolDir } = options;
  await using opened = new ClosingStack();
  await makeFolder(spoolDir, privateModes.folder);
  opened.use(await takeFileLock(join(spoolDir, 'worker.lock')));
  const bull = await openBull(url, tell);
  const engine = opened.use(await openEngine(options));
  const version = readVersion();
  const trials = new bull.Queue(trialQueueName(version), { connection: bull.connection, prefix });
  trials.on('error', bull.onError);
  opened.use({ [Symbol.asyncDispose]: () => trials.close() });
  const client = (await trials.client) as unknown as QueueClient;
  const id = `${hostname()}-${randomUUID().slice(0, 8)}`;
  const runs = opened.use(openWorkerRuns({ ...options, engine }));
  const taskOf = workerTasks({ ...options, store: client });
  const admission = openAdmission(options.concurrency, engine.info);
  const slots = slotsOf(options.concurrency, engine.info);
  const sending = { bull, client, spoolDir };
  for (const spooled of await spooledDeliveries(spoolDir)) {
    tell(`delivering ${spooled.delivery.trial}, which an earlier worker finished`);
    await deliver(spooled, sending);
  }
  const active = new Set<Promise<Ended>>();
  const made: MessageParts = {
    ...{ id, engine, admission, sending, tell },
    ...{ runs, taskOf, client, spoolDir, signal },
  };
  const take = (job: Job, token: string | undefined): Promise<Ended> => {
    const work: Promise<Ended> = takeMessage(job, token, made).finally(() => active.delete(work));
    active.add(work);
    return work;
  };
  const worker: Worker = new bull.Worker(trialQueueName(version), take, {
    ...{ connection: bull.connection, prefix, concurrency: slots, lockDuration: leaseMs },
    ...{ stalledInterval: leaseMs / 2, maxStalledCount: mostLost },
  });
  worker.on('error', bull.onError);
  const announcement = announcementOf({ id, version, slots }, engine, options);
  tell(`worker ${id} takes ${slots} trials at once from ${shownAddress(url)}`);
  try {
    await announce(client, announcement, signal);
  } finally {
    // What is under way ends by the signal; the library's own wait also lasts as long as its next poll.
    await worker.pause(true);
    await Promise.allSettled(active);
    await worker.close(true);
  }
}

function announcementOf(
  { id, version, slots }: { readonly id: string; readonly version: string; readonly slots: number },
  { info }: ContainerEngine,
  { labels }: WorkerOptions,
): Announcement {
  const { cpus, memoryBytes } = info;
  return {
    id,
    version,
    cpus,
    memoryBytes,
    engine: `${info.name} ${info.version}`,
    concurrency: slots,
    labels,
  };
}

interface MessageParts extends Omit<QueuedTrialParts, 'worker' | 'report'>, Pick<WorkerOptions, 'tell'> {
  /** This worker's. */
  readonly id: string;
  readonly engine: ContainerEngine;
  readonly admission: Admission;
  readonly sending: Parameters<typeof deliver>[1];
}

/** Makes what came and delivers it, or gives it back to the queue. */
async function takeMessage(job: Job, token: string | undefined, parts: MessageParts): Promise<Ended> {
  const { id, engine, admission, sending, tell } = parts;
  const message = trialMessageSchema.parse(job.data);
  const report: QueuedTrialParts['report'] = (events) => job.updateProgress({ events: [...events] });
  const made = await admission.admit(
    message.need,
    () =>
      refusalOf(message, engine) ?? makeQueuedTrial(job.id ?? '', message, { ...parts, worker: id, report }),
  );
  if (made.kind === 'made') await deliver(made.spooled, sending);
  tell(`${message.spec.task.name}, attempt ${message.spec.attempt}: ${describe(made)}`);
  if (made.kind === 'made' || made.kind === 'cancelled') return made.kind;
  if (made.kind === 'refused') {
    const others = message.refusals.filter(({ worker }) => worker !== id);
    await job.updateData({ ...message, refusals: [...others, { worker: id, reason: made.reason }] });
  }
  await job.moveToDelayed(Date.now() + (made.kind === 'refused' ? refusedForMs : 0), token);
  throw new sending.bull.DelayedError();
}

function refusalOf({ need }: TrialMessage, { info }: ContainerEngine): Promise<Made> | null {
  if (need.memoryBytes <= info.memoryBytes) return null;
  const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  const reason = `needs ${gibibytes(need.memoryBytes)} GiB of memory, this machine has ${gibibytes(info.memoryBytes)}`;
  return Promise.resolve({ kind: 'refused', reason });
}

function describe(made: Made): string {
  if (made.kind === 'refused') return `refused: ${made.reason}`;
  if (made.kind !== 'made')
    return made.kind === 'cancelled' ? 'taken back by its coordinator' : 'given back to the queue';
  const { result } = made.spooled.delivery.outcome;
  return result.exception_info === null
    ? 'made and delivered'
    : `delivered; it ended with ${result.exception_info.exception_type}`;
}
