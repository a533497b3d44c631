import { sleep } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import { ModelError } from '../model/model-error.js';
import { trialSpecSchema, type TrialSpec } from '../record/trial-spec.js';
import type { Dispatcher } from './dispatcher.js';
import type { JobStore } from './store/job-store.js';
import type { PlannedTrial } from './plan.js';
import { nextStep } from './retry-policy.js';

/**
 * One trial, made again as long as infrastructure breaks it and tries are left. Returns without a result when the
 * signal aborts: the next start of the job makes the trial then.
 */
export async function makeTrial(
  planned: PlannedTrial,
  { store, dispatcher }: { readonly store: JobStore; readonly dispatcher: Dispatcher },
  signal: AbortSignal,
): Promise<void> {
  const trial = planned.name;
  await store.record({ kind: 'trial-start', trial, task: planned.task.name, attempt: planned.attempt });
  try {
    for (let tries = 1; ; tries += 1) {
      const outcome = await dispatcher.run(await specOf(planned, store), signal);
      const next = nextStep(outcome, tries, store.request.run.retries);
      const reason = outcome.result.exception_info?.exception_message ?? '';
      if (next.kind === 'end-job') throw new ModelError(reason, { class: 'server-down' });
      if (next.kind === 'done') {
        await store.keep(outcome.result);
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

/** Parsed although it is ours: what a worker would refuse must not leave this process either. */
async function specOf(planned: PlannedTrial, { request, folder }: JobStore): Promise<TrialSpec> {
  const { run, model, harness } = request;
  const { dataset, job_id: id } = folder.config.tbench;
  return trialSpecSchema.parse({
    job: { id, name: request.name },
    dataset: { name: dataset.name, version: dataset.version, digest: dataset.digest },
    task: { name: planned.task.name, digest: folder.sourceOf(planned.task.name).digest },
    attempt: planned.attempt,
    tries: await folder.beginTry(planned.name),
    agent: run.agent.kind,
    model,
    harness: harness === null ? null : { name: harness.name, digest: harness.digest },
    settings: run.trial,
  } satisfies Record<keyof TrialSpec, unknown>);
}
