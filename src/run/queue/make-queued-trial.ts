import { linkAbort, onAbort, repeat } from '../../base/deadline.js';
import { CancelledError, describeError } from '../../base/errors.js';
import { localDispatcher } from '../../job/local-dispatcher.js';
import type { TrialMessage } from '../../job/queue/messages.js';
import { overKey } from '../../job/queue/names.js';
import type { QueueClient } from '../../job/queue/redis.js';
import type { TrialEvent } from '../../record/event.js';
import { tryOutcomeSchema, type TryOutcome } from '../../record/try-outcome.js';
import { trialName } from '../../results/layout.js';
import type { Redact } from '../../results/redact.js';
import type { FinishedTry, Spool } from './spool.js';
import type { WorkerRuns } from './worker-runs.js';
import type { workerTasks } from './worker-tasks.js';

export interface QueuedTrialParts {
  readonly worker: string;
  readonly runs: WorkerRuns;
  readonly taskOf: ReturnType<typeof workerTasks>;
  readonly client: QueueClient;
  readonly spool: Spool;
  readonly signal: AbortSignal;
  readonly report: (events: readonly TrialEvent[]) => Promise<void>;
}

/** How a message ended here. */
export type Made =
  | { readonly kind: 'made'; readonly finished: FinishedTry }
  /** The coordinator no longer wants it. */
  | { readonly kind: 'cancelled' }
  /** This worker stops. */
  | { readonly kind: 'given-back' }
  /** This worker cannot make it; another one may. */
  | { readonly kind: 'refused'; readonly reason: string };

const lookEveryMs = 2_000;
const reportEveryMs = 1_000;
const eventsKept = 200;

/** Makes one try that came by the queue, in a folder of the spool. */
export async function makeQueuedTrial(
  id: string,
  message: TrialMessage,
  parts: QueuedTrialParts,
): Promise<Made> {
  const { spec } = message;
  const { spool, signal } = parts;
  const finished = await spool.finished(id);
  if (finished !== null) return { kind: 'made', finished };
  const trial = trialName(spec.task.name, spec.attempt);
  let tools, found;
  try {
    [tools, found] = [await parts.runs.toolsOf(message), await parts.taskOf(message)];
  } catch (error) {
    if (signal.aborted) return { kind: 'given-back' };
    return { kind: 'refused', reason: describeError(error) };
  }
  const { redact } = tools;
  using stop = linkAbort(signal);
  const events: TrialEvent[] = [];
  const beside = Promise.all([
    watchOver(id, parts.client, stop),
    reportNowAndThen(events, parts.report, stop.signal),
  ]);
  const emit = (event: TrialEvent): void => {
    if (events.length < eventsKept) events.push(redacted(event, redact));
  };
  // A pause reaches the machine that hands trials out: it hands out none, and those here run to their end.
  const hold = (): null => null;
  let made: Made = { kind: 'given-back' };
  try {
    const dispatcher = localDispatcher(tools)({ dir: await spool.open(id), tasks: [found], emit, hold });
    const outcome = await dispatcher.run(spec, stop.signal);
    const delivery = { trial, tries: spec.tries, worker: parts.worker, outcome: kept(outcome, redact) };
    if (!signal.aborted) made = { kind: 'made', finished: { jobId: spec.job.id, delivery } };
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    if (!signal.aborted) made = { kind: 'cancelled' };
  } finally {
    if (made.kind !== 'made') await spool.drop(id);
    stop.abort(new CancelledError('the trial is over'));
    await beside;
  }
  return made;
}

/** This worker's own keys stay here: its coordinator has others, and would not know them. */
function kept(outcome: TryOutcome, redact: Redact): TryOutcome {
  return tryOutcomeSchema.parse(redacted(outcome, redact));
}

function redacted<T>(value: T, redact: Redact): T {
  return JSON.parse(redact(JSON.stringify(value))) as T;
}

interface Stop {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Ends the trial when the coordinator takes it back. A queue that is away does not answer: the trial goes on meanwhile. */
async function watchOver(id: string, client: QueueClient, stop: Stop): Promise<void> {
  const over = aborted(stop.signal);
  await repeat(lookEveryMs, stop.signal, async () => {
    const answer = await Promise.race([client.get(overKey(id)), over]).catch(() => null);
    if (answer === '1') stop.abort(new CancelledError('the coordinator takes it back'));
  });
}

async function reportNowAndThen(
  events: TrialEvent[],
  report: QueuedTrialParts['report'],
  signal: AbortSignal,
): Promise<void> {
  const over = aborted(signal);
  await repeat(reportEveryMs, signal, async () => {
    if (events.length > 0) await Promise.race([report(events.splice(0)), over]).catch(() => undefined);
  });
}

/** Settles when the signal aborts. */
function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => onAbort(signal, () => resolve(null)));
}
