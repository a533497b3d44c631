import type { JobEvent } from '../../record/event.js';
import { isBrokenByInfrastructure } from '../../record/outcome.js';
import { trialEndOf, type TrialEnd } from '../../record/trial-end.js';
import type { TrialResult } from '../../record/trial-result.js';
import { writeTrialResult } from '../../results/trial-store.js';
import type { EventLog } from './event-log.js';
import type { JobFolder } from './job-folder.js';
import { countEvent, jobTotals, type DoneTrials } from './job-totals.js';
import type { JobReport, JobRequest, JobTools } from '../job.js';
import type { PlannedTrial } from '../planned-trial.js';
import { totalsFile } from './totals-file.js';

/**
 * What is kept of a running job: a result for each trial, the events, and the totals made from them. Only the
 * trials' own result.json decide what is done; totals and events follow them, so a kill -9 at any instant loses
 * nothing but the trials that were under way.
 */
export interface JobStore {
  readonly request: JobRequest;
  readonly folder: JobFolder;
  /** The trials of the plan that are not done yet. */
  missing(): readonly PlannedTrial[];
  /** Tells an event to the files and to whoever watches, without waiting for the disk. */
  emit(event: JobEvent): void;
  /** The same, returning when it is written. Throws `ResultsError` when it, or one before it, could not be. */
  record(event: JobEvent): Promise<void>;
  /** Writes the result of a trial, which makes it count as done. */
  keep(result: TrialResult): Promise<void>;
  /** Writes the last totals of this start. */
  finish(): Promise<void>;
  report(): JobReport;
}

export interface JobStoreParts extends Pick<JobTools, 'redact' | 'emit'> {
  readonly folder: JobFolder;
  readonly log: EventLog;
  readonly plan: readonly PlannedTrial[];
}

/** Starts with what earlier starts of the job left in its folder. */
export async function startJobStore(request: JobRequest, parts: JobStoreParts): Promise<JobStore> {
  const { folder, log, plan, redact } = parts;
  const done: DoneTrials = new Map();
  const cancelled = new Set<string>();
  const startedAt = new Date().toISOString();
  const missing = (): readonly PlannedTrial[] => plan.filter(({ name }) => !done.has(name));
  const emit = (event: JobEvent): void => {
    countEvent(done, event);
    if (event.kind === 'job-control' && event.command.action === 'cancel')
      for (const trial of event.command.trials) cancelled.add(trial);
    log.add(event);
    parts.emit(event);
  };
  const record = (event: JobEvent): Promise<void> => {
    emit(event);
    return log.flush();
  };
  let finishedAt: string | null = null;
  const totals = totalsFile(folder.paths.result, plan.length, () =>
    jobTotals({ config: folder.config, done, cancelled, total: plan.length, startedAt, finishedAt }),
  );
  const reused = await countStored(folder, plan);
  emit({ kind: 'job-start', job: request.name, total: plan.length, reused: reused.length });
  for (const end of reused) emit({ kind: 'trial-reused', end });
  await log.flush();
  await totals.write();
  return {
    request,
    folder,
    missing,
    emit,
    record,
    async keep(result) {
      await writeTrialResult(folder.paths.dir, result, redact);
      await record({ kind: 'trial-end', end: trialEndOf(result) });
      await totals.count();
    },
    async finish() {
      if (missing().length === 0) finishedAt = new Date().toISOString();
      await totals.write();
      await record({ kind: 'job-end', job: request.name });
    },
    report: () => ({
      cancelled: [...cancelled].filter((trial) => !done.has(trial)),
      name: request.name,
      dir: request.dir,
      done: done.size,
      total: plan.length,
      reused: reused.length,
      unmeasured: [...done.values()]
        .filter(({ outcome }) => isBrokenByInfrastructure(outcome))
        .map(({ trial }) => trial),
    }),
  };
}

/** What is done already, read from the trials' folders; of each result only what the totals need is kept. */
async function countStored(folder: JobFolder, plan: readonly PlannedTrial[]): Promise<TrialEnd[]> {
  const ends: TrialEnd[] = [];
  for (const { name } of plan) {
    const result = await folder.storedResult(name);
    if (result !== null) ends.push(trialEndOf(result));
  }
  return ends;
}
