import type { Queue } from 'bullmq';
import { linkAbort, sleep } from '../../base/deadline.js';
import { CancelledError, EnvironmentError, ResultsError } from '../../base/errors.js';
import type { RunSpec } from '../../record/run-spec.js';
import type { TrialSpec } from '../../record/trial-spec.js';
import type { TryOutcome } from '../../record/try-outcome.js';
import { trialName } from '../../results/layout.js';
import type { DispatchedJob, DispatchedTask, Dispatcher, OpenDispatcher } from '../dispatcher.js';
import { needOfTask } from '../schedule/need-of-task.js';
import { openDeliveries, type Deliveries } from './deliveries.js';
import { progressSchema, trialMessageSchema, type Ended, type TrialMessage } from './messages.js';
import { cancelKey, prefix, trialQueueName, tryId } from './names.js';
import { openBull, type Bull, type QueueClient } from './redis.js';
import { taskContents } from './task-content.js';
import { watchWorkers } from './watch-workers.js';

/** The link of a coordinator to the queue, for all jobs of a run. */
export interface QueueLink extends AsyncDisposable {
  readonly openDispatcher: OpenDispatcher;
}

export interface QueueLinkOptions {
  /** `redis://...`, maybe with a password: stored and shown nowhere. */
  readonly url: string;
  readonly version: string;
  readonly run: RunSpec;
  /** Text of the harness file; null for agents without one. */
  readonly harness: string | null;
  readonly tell: (line: string) => void;
}

/** How often a try is looked after that nobody has delivered: whether Redis still knows it. */
const everyMs = 5_000;
/** How often a try is put into the queue again that failed in the worker itself, not in its sandbox. */
const mostAgain = 3;

/** Opens the queue. Throws `EnvironmentError` when no Redis answers. */
export async function openQueueLink(options: QueueLinkOptions): Promise<QueueLink> {
  const { url, version, tell } = options;
  const bull = await openBull(url, tell);
  const trials: Queue = new bull.Queue(trialQueueName(version), { connection: bull.connection, prefix });
  const events = new bull.QueueEvents(trialQueueName(version), { connection: bull.connection, prefix });
  trials.on('error', bull.onError);
  events.on('error', bull.onError);
  const client = (await trials.client) as unknown as QueueClient;
  const watch = watchWorkers(client, { version, url, tell });
  const deliveries: Deliveries[] = [];
  return {
    openDispatcher: (job) => {
      const opened = { bull, trials, client, options, job };
      const dispatcher = openQueueDispatcher(opened, (one) => deliveries.push(one));
      events.on('progress', ({ jobId, data }) => dispatcher.see(jobId, data));
      return dispatcher;
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      for (const one of deliveries) await one[Symbol.asyncDispose]();
      await events.close();
      await trials.close();
    },
  };
}

interface OpenedQueue {
  readonly bull: Bull;
  readonly trials: Queue;
  readonly client: QueueClient;
  readonly options: QueueLinkOptions;
  readonly job: DispatchedJob;
}

function openQueueDispatcher(
  { bull, trials, client, options, job }: OpenedQueue,
  own: (deliveries: Deliveries) => void,
): Dispatcher & { see(id: string, data: unknown): void } {
  const contentOf = taskContents(client);
  const running = new Map<string, string>();
  let deliveries: Deliveries | null = null;
  const deliveriesOf = (id: string): Deliveries => {
    if (deliveries !== null) return deliveries;
    deliveries = openDeliveries(bull, client, { id, dir: job.dir, emit: job.emit });
    own(deliveries);
    return deliveries;
  };
  return {
    see(id, data) {
      const trial = running.get(id);
      const progress = progressSchema.safeParse(data);
      if (trial === undefined || !progress.success) return;
      for (const event of progress.data.events) if (event.trial === trial) job.emit(event);
    },
    async run(spec, signal): Promise<TryOutcome> {
      const name = trialName(spec.task.name, spec.attempt);
      const id = tryId(spec.job.id, name, spec.tries);
      const found = job.tasks.find(
        ({ task, source }) => task.name === spec.task.name && source.digest === spec.task.digest,
      );
      if (found === undefined) throw new ResultsError(`task ${spec.task.name} is not part of this job`);
      const message = await messageOf(spec, found, options, contentOf);
      running.set(id, name);
      try {
        // An earlier start of the job may have taken this try back.
        await client.del(cancelKey(id));
        const tell = (text: string): void => job.emit({ kind: 'trial-note', trial: name, text });
        const { outcome } = await deliveredOf({ trials, id, message, tell, signal }, () =>
          deliveriesOf(spec.job.id).expect(name, spec.tries),
        );
        return outcome;
      } finally {
        running.delete(id);
        // Of a try that is over, or that nobody wants any more: a copy that a second worker took ends itself.
        const takingBack = [client.set(cancelKey(id), '1', 'EX', 3_600), remove(trials, id)];
        // A Redis that is away does not hold up the end.
        await Promise.race([Promise.all(takingBack), sleep(everyMs)]);
      }
    },
  };
}

async function messageOf(
  spec: TrialSpec,
  found: DispatchedTask,
  { run, harness }: QueueLinkOptions,
  contentOf: ReturnType<typeof taskContents>,
): Promise<TrialMessage> {
  const { checksum, origin } = found.source;
  return trialMessageSchema.parse({
    spec,
    run,
    harness,
    task: { checksum, origin, content: await contentOf(found) },
    need: needOfTask(found.task, run.trial.verifier),
    refusals: [],
  } satisfies TrialMessage);
}

interface PutTry {
  readonly trials: Queue;
  readonly id: string;
  readonly message: TrialMessage;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Puts a try into the queue and keeps it there until it is delivered, also when Redis forgets it. */
async function deliveredOf<T>(put: PutTry, expectOne: () => Promise<T>): Promise<T> {
  const { signal } = put;
  for (let again = 0; ; again += 1) {
    const delivered = expectOne();
    delivered.catch(() => undefined);
    using over = linkAbort(signal);
    try {
      return await Promise.race([delivered, lookAfter(put, over.signal)]);
    } catch (error) {
      if (signal.aborted) throw new CancelledError('the trial was taken back', { cause: signal.reason });
      if (again >= mostAgain) throw error;
      await remove(put.trials, put.id);
    } finally {
      over.abort(new CancelledError('nobody waits any more'));
    }
  }
}

/** Never returns; throws when the try failed at a worker for good. */
async function lookAfter({ trials, id, message, tell }: PutTry, signal: AbortSignal): Promise<never> {
  let completed = 0;
  const told = new Set<string>();
  for (;;) {
    const job = await trials.getJob(id);
    const state = await job?.getState();
    for (const text of refusalsOf(job?.data).filter((one) => !told.has(one))) {
      told.add(text);
      tell(text);
    }
    if (job === undefined || state === 'unknown') await add(trials, id, message);
    // An earlier start of the job took it back: a queue job that is over is not made again under its id.
    else if (state === 'completed' && job.returnvalue === ('cancelled' satisfies Ended)) {
      await remove(trials, id);
      await add(trials, id, message);
    } else if (state === 'failed')
      throw new EnvironmentError(`a worker could not make it: ${job.failedReason}`);
    // Delivered before it is completed: what is completed and does not arrive was lost with a Redis.
    else if (state === 'completed' && (completed += 1) > 6)
      throw new EnvironmentError('what a worker made is lost');
    await sleep(everyMs, signal);
  }
}

/** What workers said who could not make it: another one may, so the try waits. */
function refusalsOf(data: unknown): readonly string[] {
  const message = trialMessageSchema.safeParse(data);
  return message.success
    ? message.data.refusals.map(({ worker, reason }) => `worker ${worker} cannot make it: ${reason}`)
    : [];
}

async function add(trials: Queue, id: string, message: TrialMessage): Promise<void> {
  const day = { age: 24 * 3_600 };
  await trials.add('trial', message, { jobId: id, removeOnComplete: day, removeOnFail: day });
}

/** One that a worker holds stays: it is taken back by its cancel key. */
async function remove(trials: Queue, id: string): Promise<void> {
  await trials.remove(id).catch(() => undefined);
}
