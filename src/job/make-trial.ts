import { sleep } from '../base/deadline.js';
import { CancelledError, EnvironmentError } from '../base/errors.js';
import { ModelError } from '../model/model-error.js';
import { outcomeOf } from '../record/outcome.js';
import { trialSpecSchema, type TrialSpec } from '../record/trial-spec.js';
import type { TryOutcome } from '../record/try-outcome.js';
import type { Dispatcher } from './dispatcher.js';
import type { JobStore } from './store/job-store.js';
import type { PlannedTrial } from './planned-trial.js';
import { nextStep } from './retry-policy.js';

/** What the trials of a job are made with. */
export interface TrialMakers {
  readonly store: JobStore;
  readonly dispatcher: Dispatcher;
  /** Told of every try; throws when the engine fails for good. */
  readonly checkEngine: (outcome: TryOutcome) => void;
}

/**
 * One trial, made again as long as infrastructure breaks it and tries are left. Returns without a result when the
 * signal aborts: the next start of the job makes the trial then.
 */
export async function makeTrial(
  planned: PlannedTrial,
  { store, dispatcher, checkEngine }: TrialMakers,
  signal: AbortSignal,
): Promise<void> {
  const trial = planned.name;
  await store.record({ kind: 'trial-start', trial, task: planned.task.name, attempt: planned.attempt });
  try {
    for (let tries = 1; ; tries += 1) {
      const outcome =
        (tries === 1 ? await goOn(planned, { store, dispatcher }, signal) : null) ??
        (await dispatcher.run(await specOf(planned, store), signal));
      checkEngine(outcome);
      const next = nextStep(outcome, tries, store.request.run.retries);
      const reason = outcome.result.exception_info?.exception_message ?? '';
      if (next.kind === 'end-job') throw new ModelError(reason, { class: 'server-down' });
      if (next.kind === 'done') {
        await store.keep(outcome.result);
        if (store.request.run.failFast) requireVerdict(outcome);
        return;
      }
      await store.record({ kind: 'trial-retry', trial, tries, reason });
      await sleep(next.afterMs, signal);
    }
  } catch (error) {
    if (error instanceof CancelledError) await store.record({ kind: 'trial-cancelled', trial });
    if (!signal.aborted) throw error;
  }
}

/** The outcome of what a process before this one left in the middle; null when there is nothing to go on with. */
async function goOn(
  planned: PlannedTrial,
  { store, dispatcher }: Pick<TrialMakers, 'store' | 'dispatcher'>,
  signal: AbortSignal,
): Promise<TryOutcome | null> {
  const tries = await store.folder.triesLeft(planned.name);
  if (tries === null || dispatcher.resume === undefined) return null;
  return dispatcher.resume(await specOf(planned, store, tries), signal);
}

/** What `failFast` means: a trial without a verdict ends the job, and with it the run. */
function requireVerdict({ result }: TryOutcome): void {
  if (outcomeOf(result).kind === 'scored') return;
  const reason = result.exception_info?.exception_message ?? 'the tests gave no reward';
  throw new EnvironmentError(`${result.trial_name} has no verdict, and --fail-fast ends the job: ${reason}`);
}

/** Parsed although it is ours: what a worker would refuse must not leave this process either. */
async function specOf(
  planned: PlannedTrial,
  { request, folder }: JobStore,
  tries?: number,
): Promise<TrialSpec> {
  const { run, model, harness } = request;
  const { dataset, job_id: id } = folder.config.tbench;
  return trialSpecSchema.parse({
    job: { id, name: request.name },
    dataset: { name: dataset.name, version: dataset.version, digest: dataset.digest },
    task: { name: planned.task.name, digest: folder.sourceOf(planned.task.name).digest },
    attempt: planned.attempt,
    tries: tries ?? (await folder.beginTry(planned.name)),
    agent: run.agent.kind,
    model,
    harness: harness === null ? null : { name: harness.name, digest: harness.digest },
    settings: run.trial,
  } satisfies Record<keyof TrialSpec, unknown>);
}
