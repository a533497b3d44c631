import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';

import { onAbort, sleep, waitBriefly } from '../../base/deadline.js';
import { ClosingStack } from '../../base/closing-stack.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { takeFileLock } from '../../base/files/file-lock.js';
import {
  trialMessageSchema,
  type Ended,
  type Progress,
  type TrialMessage,
} from '../../job/queue/messages.js';
import { prefix, trialQueueName } from '../../job/queue/names.js';
import {
  openBull,
  shownAddress,
  type Bull,
  type Job,
  type QueueClient,
  type Worker,
} from '../../job/queue/redis.js';
import { announce, type WorkerAnnouncement } from '../../job/queue/announcements.js';
import { watchCoordinators } from '../../job/queue/watch-workers.js';
import { openAdmission, slotsOf, type Admission, type Concurrency } from '../../job/schedule/admission.js';
import { privateModes } from '../../results/private-modes.js';
import type { ContainerEngine } from '../../sandbox/container-engine.js';
import type { Surroundings } from '../surroundings.js';
import { openEngine } from '../local/open-engine.js';
import { readVersion } from '../version.js';
import { makeQueuedTrial, type Made, type QueuedTrialParts } from './make-queued-trial.js';
import { clearSpool, openSpool } from './spool.js';
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
/** How long the end of a worker waits for a queue that may be away. */
const farewellMs = 5_000;
/** When a trial that this worker refused may be taken by one again. */
const refusedForMs = 5_000;

/** Takes trials from the queue until the signal aborts, then gives back what it has under way. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { url, signal, tell, spoolDir } = options;
  await using opened = new ClosingStack();
  await makeFolder(spoolDir, privateModes.folder);
  opened.use(await takeFileLock(join(spoolDir, 'worker.lock')));
  await clearSpool(spoolDir);
  const bull = await openBull(url, tell);
  const engine = opened.use(await openEngine(options));
  const version = readVersion();
  const trials = new bull.Queue(trialQueueName(version), { connection: bull.connection, prefix });
  trials.on('error', bull.onError);
  opened.use({ [Symbol.asyncDispose]: () => waitBriefly(farewellMs, trials.close()) });
  const client = (await trials.client) as unknown as QueueClient;
  const id = `${hostname()}-${randomUUID().slice(0, 8)}`;
  const runs = opened.use(openWorkerRuns({ ...options, engine }));
  const taskOf = workerTasks({ ...options, store: client });
  const admission = openAdmission(options.concurrency, engine.info);
  const slots = slotsOf(options.concurrency, engine.info);
  const spool = openSpool({ bull, trials, client, dir: spoolDir, tell });
  const stopped = new Promise((resolve) => onAbort(signal, () => void sleep(farewellMs).then(resolve)));
  const active = new Set<Promise<Ended>>();
  const made: MessageParts = {
    ...{ id, engine, admission, bull, tell },
    ...{ runs, taskOf, client, spool, signal, stopped },
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
  const beside = Promise.all([
    announce(client, 'worker', announcement, signal),
    watchCoordinators(client, { version, tell }, signal),
    spool.watch(signal),
  ]);
  try {
    await Promise.race([beside, new Promise((resolve) => onAbort(signal, resolve))]);
  } finally {
    // What is under way ends by the signal; a queue that is away holds up nothing of it.
    await waitBriefly(farewellMs, beside);
    await waitBriefly(farewellMs, worker.pause(true));
    await Promise.allSettled(active);
    await waitBriefly(farewellMs, worker.close(true));
  }
}

function announcementOf(
  { id, version, slots }: { readonly id: string; readonly version: string; readonly slots: number },
  { info }: ContainerEngine,
  { labels }: WorkerOptions,
): WorkerAnnouncement {
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
  readonly bull: Bull;
  /** Settles when a worker that stops need not wait for the queue any more: what is finished lies in its spool. */
  readonly stopped: Promise<unknown>;
}

/** Makes what came and delivers it, or gives it back to the queue. */
async function takeMessage(job: Job, token: string | undefined, parts: MessageParts): Promise<Ended> {
  const { id, engine, admission, bull, spool, tell } = parts;
  const message = trialMessageSchema.parse(job.data);
  const progress = (news: Progress): Promise<void> => job.updateProgress(news);
  const report: QueuedTrialParts['report'] = (events) => progress({ events: [...events], refusal: null });
  const made = await admission.admit(
    message.need,
    () =>
      refusalOf(message, engine) ?? makeQueuedTrial(job.id ?? '', message, { ...parts, worker: id, report }),
  );
  const queued = (work: Promise<unknown>): Promise<unknown> => Promise.race([work, parts.stopped]);
  if (made.kind === 'made') await queued(spool.deliver(made.finished));
  tell(`${message.spec.task.name}, attempt ${message.spec.attempt}: ${describe(made)}`);
  if (made.kind === 'made' || made.kind === 'cancelled') return made.kind;
  if (made.kind === 'refused') await progress({ events: [], refusal: { worker: id, reason: made.reason } });
  await queued(job.moveToDelayed(Date.now() + (made.kind === 'refused' ? refusedForMs : 0), token));
  throw new bull.DelayedError();
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
  const { result } = made.finished.delivery.outcome;
  return result.exception_info === null
    ? 'made and delivered'
    : `delivered; it ended with ${result.exception_info.exception_type}`;
}
