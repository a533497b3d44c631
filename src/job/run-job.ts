import pLimit from 'p-limit';
import { linkAbort } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import { diskBreaker, type WaitForRoom } from './breakers/disk-breaker.js';
import { engineBreaker } from './breakers/engine-breaker.js';
import type { DispatchedJob } from './dispatcher.js';
import { openEventLog } from './store/event-log.js';
import { openJobFolder, type JobFolder } from './store/job-folder.js';
import { writeJobLock } from './store/job-lock.js';
import { startJobStore, type JobStore } from './store/job-store.js';
import type { JobReport, JobRequest, JobTools } from './job.js';
import { makeTrial, type TrialMakers } from './make-trial.js';
import { planTrials, runnableTasks, type PlannedTrial } from './plan.js';

/**
 * Runs all trials of a job that are not done yet, several at once, and keeps the job folder up to date.
 * Aborting the signal cancels running trials, which then count as not done; the next start makes them again.
 */
export async function runJob(request: JobRequest, tools: JobTools, signal: AbortSignal): Promise<JobReport> {
  const { tasks, leftOut } = runnableTasks(request.tasks);
  const plan = planTrials(tasks, request.run.attempts);
  await using folder = await openJobFolder(request);
  await writeJobLock(request, folder, plan);
  await using log = await openEventLog(folder.paths, tools.redact);
  const store = await startJobStore(request, { ...tools, folder, log, plan });
  for (const text of leftOut) await store.record({ kind: 'job-note', text });
  const dispatcher = tools.openDispatcher(dispatchedJob(request, folder, store));
  const tell = (text: string): void => store.emit({ kind: 'job-note', text });
  const waitForRoom = diskBreaker([folder.paths.dir, ...tools.sandboxDirs], tell);
  const parts = { store, dispatcher, checkEngine: engineBreaker() };
  const ended = await makeTrials(parts, waitForRoom, signal);
  await store.finish();
  if (signal.aborted) throw interrupted(request, signal);
  if (ended.aborted) throw ended.reason;
  return store.report();
}

function dispatchedJob({ tasks }: JobRequest, folder: JobFolder, store: JobStore): DispatchedJob {
  return {
    dir: folder.paths.dir,
    tasks: tasks.map((task) => ({ task, source: folder.sourceOf(task.name) })),
    emit: (event) => store.emit(event),
  };
}

/** Makes what is missing, as many at once as the run allows. The signal it returns says what ended the job early. */
async function makeTrials(
  parts: TrialMakers,
  waitForRoom: WaitForRoom,
  signal: AbortSignal,
): Promise<AbortSignal> {
  using stop = linkAbort(signal);
  const { store } = parts;
  const limit = pLimit(store.request.run.concurrency);
  const make = async (trial: PlannedTrial): Promise<void> => {
    if (stop.signal.aborted) return;
    await waitForRoom(stop.signal);
    await makeTrial(trial, parts, stop.signal);
  };
  // The first error ends the job: its own trial is lost, the others are cancelled and made again later.
  const work = store
    .missing()
    .map((trial) => limit(() => make(trial).catch((error: unknown) => stop.abort(error))));
  await Promise.all(work);
  return stop.signal;
}

function interrupted(request: JobRequest, signal: AbortSignal): CancelledError {
  return new CancelledError(`job ${request.name} was interrupted`, {
    cause: signal.reason,
    hint: `What is finished is kept in ${request.dir}; the same command continues it.`,
  });
}
