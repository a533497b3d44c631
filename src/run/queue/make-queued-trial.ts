import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { linkAbort, onAbort, repeat } from '../../base/deadline.js';
import { CancelledError, describeError } from '../../base/errors.js';
import { makeFolder } from '../../base/files/make-folder.js';
import { localDispatcher } from '../../job/local-dispatcher.js';
import type { TrialMessage } from '../../job/queue/messages.js';
import { cancelKey } from '../../job/queue/names.js';
import type { QueueClient } from '../../job/queue/redis.js';
import type { TrialEvent } from '../../record/event.js';
import { trialName, trialPaths } from '../../results/layout.js';
import { privateModes } from '../../results/private-modes.js';
import type { Spooled } from './deliver.js';
import type { WorkerRuns } from './worker-runs.js';
import type { workerTasks } from './worker-tasks.js';

export interface QueuedTrialParts {
  readonly worker: string;
  readonly runs: WorkerRuns;
  readonly taskOf: ReturnType<typeof workerTasks>;
  readonly client: QueueClient;
  readonly spoolDir: string;
  readonly signal: AbortSignal;
  readonly report: (events: readonly TrialEvent[]) => Promise<void>;
}

/** How a message ended here. */
export type Made =
  | { readonly kind: 'made'; readonly spooled: Spooled }
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
  const trial = trialName(spec.task.name, spec.attempt);
  let tools, found;
  try {
    [tools, found] = [await parts.runs.toolsOf(message), await parts.taskOf(message)];
  } catch (error) {
    if (parts.signal.aborted) return { kind: 'given-back' };
    return { kind: 'refused', reason: describeError(error) };
  }
  const jobDir = join(parts.spoolDir, 'jobs', spec.job.id);
  await makeFolder(jobDir, privateModes.folder);
  await rm(trialPaths(jobDir, trial).dir, { recursive: true, force: true });
  using stop = linkAbort(parts.signal);
  const events: TrialEvent[] = [];
  const beside = Promise.all([
    watchCancel(id, parts.client, stop),
    reportNowAndThen(events, parts.report, stop.signal),
  ]);
  try {
    const emit = (event: TrialEvent): void => {
      if (events.length < eventsKept) events.push(event);
    };
    // A pause reaches the machine that hands trials out: it hands out none, and those here run to their end.
    const hold = (): null => null;
    const dispatcher = localDispatcher(tools)({ dir: jobDir, tasks: [found], emit, hold });
    const outcome = await dispatcher.run(spec, stop.signal);
    if (parts.signal.aborted) return { kind: 'given-back' };
    return {
      kind: 'made',
      spooled: {
        jobId: spec.job.id,
        jobDir,
        delivery: { trial, tries: spec.tries, worker: parts.worker, outcome },
      },
    };
  } catch (error) {
    if (parts.signal.aborted) return { kind: 'given-back' };
    if (stop.signal.aborted) return { kind: 'cancelled' };
    throw error;
  } finally {
    stop.abort(new CancelledError('the trial is over'));
    await beside;
  }
}

interface Stop {
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
}

/** Ends the trial when the coordinator takes it back. A queue that is away does not answer: the trial goes on meanwhile. */
async function watchCancel(id: string, client: QueueClient, stop: Stop): Promise<void> {
  const over = aborted(stop.signal);
  await repeat(lookEveryMs, stop.signal, async () => {
    const answer = await Promise.race([client.get(cancelKey(id)), over]).catch(() => null);
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
