import { dirname } from 'node:path';
import { linkAbort } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import { diskBreaker } from './breakers/disk-breaker.js';
import { engineBreaker } from './breakers/engine-breaker.js';
import type { JobControl } from './control/job-control.js';
import { openJobControl } from './control/open-job-control.js';
import type { DispatchedJob } from './dispatcher.js';
import type { JobEvent } from '../record/event.js';
import { openEventLog } from './store/event-log.js';
import { openJobFolder, type JobFolder } from './store/job-folder.js';
import { writeJobLock } from './store/job-lock.js';
import { startJobStore, type JobStore } from './store/job-store.js';
import type { JobReport, JobRequest, JobTools } from './job.js';
import { enough, makeTrials } from './make-trials.js';
import type { Task } from '../dataset/task.js';
import { planTrials, runnableTasks } from './plan.js';
import type { PastDurations } from './schedule/expected-duration.js';
import { openAdmission } from './schedule/admission.js';
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
  using stop = linkAbort(signal);
  const admission = openAdmission(tools.concurrency ?? request.run.concurrency, tools.host);
  await using controlled = await openJobControl({ store, admission, stop });
  const { control } = controlled;
  const dispatcher = tools.openDispatcher(dispatchedJob(request, { folder, store, control }));
  const tell = (text: string): void => store.emit({ kind: 'job-note', text });
  const waitForRoom = diskBreaker([folder.paths.dir, ...tools.sandboxDirs], tell);
  const parts = { store, dispatcher, checkEngine: engineBreaker() };
  await makeTrials(parts, { waitForRoom, pace: tools.pace ?? null, control, admission, stop });
  await store.finish();
  const why: unknown = stop.signal.aborted ? stop.signal.reason : enough;
  if (why === enough) return store.report();
  throw why instanceof CancelledError || signal.aborted ? interrupted(request, why) : why;
}

function pastOf(
  { dir, model }: JobRequest,
  tasks: readonly Task[],
  signal: AbortSignal,
): Promise<PastDurations> {
  const names = new Set(tasks.map(({ name }) => name));
  return pastDurations({ resultsDir: dirname(dir), jobDir: dir, model, tasks: names }, signal);
}

function dispatchedJob(
  { tasks }: JobRequest,
  {
    folder,
    store,
    control,
  }: { readonly folder: JobFolder; readonly store: JobStore; readonly control: JobControl },
): DispatchedJob {
  return {
    dir: folder.paths.dir,
    tasks: tasks.map((task) => ({ task, source: folder.sourceOf(task.name) })),
    emit: (event) => store.emit(event),
    hold: (trial, signal) => control.hold(trial, signal),
  };
}

function interrupted(request: JobRequest, cause: unknown): CancelledError {
  return new CancelledError(`job ${request.name} was interrupted`, {
    cause,
    hint: `What is finished is kept in ${request.dir}; the same command continues it.`,
  });
}
