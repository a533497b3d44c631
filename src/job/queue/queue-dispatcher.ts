import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Queue } from 'bullmq';
import { linkAbort, waitBriefly } from '../../base/deadline.js';
import { CancelledError, ResultsError } from '../../base/errors.js';
import type { RunSpec } from '../../record/run-spec.js';
import type { TrialSpec } from '../../record/trial-spec.js';
import type { TryOutcome } from '../../record/try-outcome.js';
import { trialName } from '../../results/layout.js';
import type { Redact } from '../../results/redact.js';
import type { DispatchedJob, DispatchedTask, Dispatcher, OpenDispatcher } from '../dispatcher.js';
import { needOfTask } from '../schedule/need-of-task.js';
import { announce } from './announcements.js';
import { openDeliveries, type Deliveries } from './deliveries.js';
import { followTries, type PutTry, type TryFollower } from './follow-tries.js';
import { progressSchema, trialMessageSchema, type TrialMessage } from './messages.js';
import { overKey, overSeconds, prefix, trialQueueName, tryId } from './names.js';
import { openBull, type Bull, type QueueClient } from './redis.js';
import { mendArrivals } from './take-delivery.js';
import { taskContents, type TaskContents } from './task-content.js';
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
  /** What results that arrive are kept through. */
  readonly redact: Redact;
  readonly tell: (line: string) => void;
}

/** How long the end of a try waits for Redis. */
const farewellMs = 5_000;
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
  const over = linkAbort();
  void watchWorkers(client, { version, url, tell }, over.signal);
  const self = { id: `${hostname()}-${randomUUID().slice(0, 8)}`, version };
  const announced = announce(client, 'coordinator', self, over.signal);
  announced.catch(() => undefined);
  const contents = taskContents(client);
  const follower = followTries({ trials, events, client, onForgotten: () => contents.forget() });
  const deliveries: Deliveries[] = [];
  return {
    openDispatcher: (job) => {
      const opened = { bull, trials, client, follower, contents, options, job };
      const dispatcher = openQueueDispatcher(opened, (one) => deliveries.push(one));
      events.on('progress', ({ jobId, data }) => dispatcher.see(jobId, data));
      return dispatcher;
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      follower[Symbol.dispose]();
      for (const one of deliveries) await one[Symbol.asyncDispose]();
      await waitBriefly(farewellMs, announced);
      await events.close();
      await trials.close();
    },
  };
}

interface OpenedQueue {
  readonly bull: Bull;
  readonly trials: Queue;
  readonly client: QueueClient;
  readonly follower: TryFollower;
  readonly contents: TaskContents;
  readonly options: QueueLinkOptions;
  readonly job: DispatchedJob;
}

/** A try that runs elsewhere. */
interface AwayTry {
  readonly trial: string;
  /** Why which workers cannot make it, as told already. */
  readonly refusals: Set<string>;
}

function openQueueDispatcher(
  { bull, trials, client, follower, contents, options, job }: OpenedQueue,
  own: (deliveries: Deliveries) => void,
): Dispatcher & { see(id: string, data: unknown): void } {
  const away = new Map<string, AwayTry>();
  const { redact } = options;
  const open = async (id: string): Promise<Deliveries> => {
    await mendArrivals(job.dir);
    const deliveries = openDeliveries(bull, client, { id, dir: job.dir, redact, emit: job.emit });
    own(deliveries);
    return deliveries;
  };
  let opening: Promise<Deliveries> | null = null;
  return {
    see: (id, data) => tellProgress(away.get(id), data, job.emit),
    async run(spec, signal): Promise<TryOutcome> {
      const trial = trialName(spec.task.name, spec.attempt);
      const id = tryId(spec.job.id, trial, spec.tries);
      const found = job.tasks.find(
        ({ task, source }) => task.name === spec.task.name && source.digest === spec.task.digest,
      );
      if (found === undefined) throw new ResultsError(`task ${spec.task.name} is not part of this job`);
      const deliveries = await (opening ??= open(spec.job.id));
      const messageOf = (): Promise<TrialMessage> => buildMessage(spec, found, options, contents);
      const put = { id, messageOf, isUrgent: spec.tries > 1 };
      away.set(id, { trial, refusals: new Set() });
      try {
        const { outcome } = await deliveredOf(put, signal, { trials, client, follower }, () =>
          deliveries.expect(trial, spec.tries),
        );
        return outcome;
      } catch (error) {
        // Whoever makes it ends it. A Redis that is away does not hold up the end.
        await waitBriefly(farewellMs, client.set(overKey(id), '1', 'EX', overSeconds));
        throw error;
      } finally {
        away.delete(id);
        await waitBriefly(farewellMs, remove(trials, id));
      }
    },
  };
}

function tellProgress(one: AwayTry | undefined, data: unknown, emit: DispatchedJob['emit']): void {
  const progress = progressSchema.safeParse(data);
  if (one === undefined || !progress.success) return;
  const { events, refusal } = progress.data;
  for (const event of events) if (event.trial === one.trial) emit(event);
  if (refusal === null) return;
  const text = `worker ${refusal.worker} cannot make it: ${refusal.reason}`;
  // Another worker may, so it waits; this one says so again and again.
  if (!one.refusals.has(text)) emit({ kind: 'trial-note', trial: one.trial, text });
  one.refusals.add(text);
}

async function buildMessage(
  spec: TrialSpec,
  found: DispatchedTask,
  { run, harness }: QueueLinkOptions,
  contents: TaskContents,
): Promise<TrialMessage> {
  const { checksum, origin } = found.source;
  return trialMessageSchema.parse({
    spec,
    run,
    harness,
    task: { checksum, origin, content: await contents.archiveOf(found) },
    need: needOfTask(found.task, run.trial.verifier),
  } satisfies TrialMessage);
}

/** Resolves when the try is delivered. One that failed at a worker, and not in its sandbox, is put into the queue anew. */
async function deliveredOf<T>(
  put: PutTry,
  signal: AbortSignal,
  { trials, client, follower }: Pick<OpenedQueue, 'trials' | 'client' | 'follower'>,
  expectOne: () => Promise<T>,
): Promise<T> {
  for (let again = 0; ; again += 1) {
    const delivered = expectOne();
    delivered.catch(() => undefined);
    using over = linkAbort(signal);
    try {
      // An earlier start of the job may have taken this try back.
      await client.del(overKey(put.id));
      return await Promise.race([delivered, follower.follow(put, over.signal)]);
    } catch (error) {
      if (signal.aborted) throw new CancelledError('the trial was taken back', { cause: signal.reason });
      if (again >= mostAgain) throw error;
      await remove(trials, put.id);
    } finally {
      over.abort(new CancelledError('nobody waits any more'));
    }
  }
}

/** One that a worker holds stays: that worker ends and removes it. */
async function remove(trials: Queue, id: string): Promise<void> {
  await trials.remove(id).catch(() => undefined);
}
