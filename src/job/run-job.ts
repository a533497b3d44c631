import { dirname } from 'node:path';
import pLimit from 'p-limit';
import { linkAbort } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import { diskBreaker, type WaitForRoom } from './breakers/disk-breaker.js';
import { engineBreaker } from './breakers/engine-breaker.js';
import type { DispatchedJob } from './dispatcher.js';
import type { JobEvent } from '../record/event.js';
import { openEventLog } from './store/event-log.js';
import { openJobFolder, type JobFolder } from './store/job-folder.js';
import { writeJobLock } from './store/job-lock.js';
import { startJobStore, type JobStore } from './store/job-store.js';
import type { JobReport, JobRequest, JobTools } from './job.js';
import { makeTrial, type TrialMakers } from './make-trial.js';
import type { Task } from '../dataset/task.js';
import type { JobPace } from './pace.js';
import { planTrials, runnableTasks, type PlannedTrial } from './plan.js';
import type { PastDurations } from './schedule/expected-duration.js';
import { ownPart } from './schedule/own-part.js';
import { pastDurations } from './schedule/past-durations.js';

/**
 * Runs all trials of a job that are not done yet, several at once, and keeps the job folder up to date.
 * Aborting the signal cancels running trials, which then count as not done; the next start makes them again.
 */
export async function runJob(request: JobRequest, tools: JobTools, signal: AbortSignal): Promise<JobReport> {
  const { tasks, leftOut } = runnableTasks(request.tasks);
  const past = tools.pace === undefined ? await pastOf(request, tasks, signal) : undefined;
  const inPlan = ownPart(planTrials(tasks, request.run.attempts, past), request.run.shard);
  const plan = tools.pace?.order(inPlan) ?? inPlan;
  await using folder = await openJobFolder(request);
  await writeJobLock(request, folder, plan);
  await using log = await openEventLog(folder.paths, tools.redact);
  const emit = (event: JobEvent): void => {
    tools.pace?.see(event);
    tools.emit(event);
  };
  const store = await startJobStore(request, { ...tools, emit, folder, log, plan });
  for (const text of leftOut) await store.record({ kind: 'job-note', text });
  const dispatcher = tools.openDispatcher(dispatchedJob(request, folder, store));
  const tell = (text: string): void => store.emit({ kind: 'job-note', text });
  const waitForRoom = diskBreaker([folder.paths.dir, ...tools.sandboxDirs], tell);
  const parts = { store, dispatcher, checkEngine: engineBreaker() };
  const ended = await makeTrials(parts, { waitForRoom, pace: tools.pace ?? null }, signal);
  await store.finish();
  if (signal.aborted) throw interrupted(request, signal);
  if (ended.aborted && ended.reason !== enough) throw ended.reason;
  return store.report();
}

function pastOf(
  { dir, model }: JobRequest,
  tasks: readonly Task[],
  signal: AbortSignal,
): Promise<PastDurations> {
  const names = new Set(tasks.map(({ name }) => name));
  return pastDurations({ resultsDir: dirname(dir), jobDir: dir, model, tasks: names }, signal);
}

function dispatchedJob({ tasks }: JobRequest, folder: JobFolder, store: JobStore): DispatchedJob {
  return {
    dir: folder.paths.dir,
    tasks: tasks.map((task) => ({ task, source: folder.sourceOf(task.name) })),
    emit: (event) => store.emit(event),
  };
}

/** Why a job ends before all its trials are made, when its pace says so. */
const enough = new CancelledError('no further trial is needed');

/** Makes what is missing, as many at once as the run allows. The signal it returns says what ended the job early. */
async function makeTrials(
  parts: TrialMakers,
  { waitForRoom, pace }: { readonly waitForRoom: WaitForRoom; readonly pace: JobPace | null },
  signal: AbortSignal,
): Promise<AbortSignal> {
  using stop = linkAbort(signal);
  const { store } = parts;
  const limit = pLimit(store.request.run.concurrency);
  const make = async (trial: PlannedTrial): Promise<void> => {
    if (pace?.hasEnough() === true) stop.abort(enough);
    if (stop.signal.aborted) return;
    await waitForRoom(stop.signal);
    await makeTrial(trial, parts, stop.signal);
    if (pace?.hasEnough() === true) stop.abort(enough);
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
