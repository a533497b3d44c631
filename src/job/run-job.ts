import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { sleep } from '../base/deadline.js';
import { CancelledError } from '../base/errors.js';
import { ModelError } from '../model/model-error.js';
import type { TrialResult } from '../record/trial-result.js';
import { openTrialStore } from '../results/trial-store.js';
import { writeJson } from '../results/write-file.js';
import { runTrial, type TrialOutcome } from '../trial/run-trial.js';
import type { JobEvent } from './events.js';
import { openJob, type OpenJob } from './open-job.js';
import { jobTotals } from './job-totals.js';
import type { JobReport, JobRequest, JobTools } from './job.js';
import { planTrials, runnableTasks, type PlannedTrial } from './plan.js';

/**
 * Runs all trials of a job that are not done yet, several at once, and keeps the job folder up to date.
 * Aborting the signal cancels running trials, which then count as not done; the next start makes them again.
 */
export async function runJob(request: JobRequest, tools: JobTools, signal: AbortSignal): Promise<JobReport> {
  await using job = await openJob(request);
  const { tasks, leftOut } = runnableTasks(request.tasks);
  const plan = planTrials(tasks, request.attempts);
  const progress = await JobProgress.start({ request, tools, job, plan });
  for (const text of leftOut) await progress.emit({ kind: 'job-note', text });
  using stop = openStop(signal);
  const limit = pLimit(request.concurrency);
  const work = progress.missing.map((trial) =>
    limit(async () => {
      if (stop.signal.aborted) return;
      try {
        await runPlanned(progress, trial, stop.signal);
      } catch (error) {
        // The first error ends the job: its own trial is lost, the others are cancelled and made again later.
        stop.abort(error);
      }
    }),
  );
  await Promise.all(work);
  await progress.finish();
  if (signal.aborted) throw interrupted(request, signal);
  if (stop.signal.aborted) throw stop.signal.reason;
  return progress.report();
}

interface Stop extends Disposable {
  readonly signal: AbortSignal;
  abort(error: unknown): void;
}

/** A signal that aborts with the parent or by itself (AbortSignal.any on Node 20 loses listeners). */
function openStop(parent: AbortSignal): Stop {
  const controller = new AbortController();
  // Every running trial listens; Node warns of a leak at eleven.
  setMaxListeners(0, controller.signal);
  const abort = (error: unknown): void => controller.abort(error);
  const onParentAbort = (): void => abort(parent.reason);
  if (parent.aborted) onParentAbort();
  else parent.addEventListener('abort', onParentAbort, { once: true });
  const dispose = (): void => parent.removeEventListener('abort', onParentAbort);
  return { signal: controller.signal, abort, [Symbol.dispose]: dispose };
}

function interrupted(request: JobRequest, signal: AbortSignal): CancelledError {
  return new CancelledError(`job ${request.name} was interrupted`, {
    cause: signal.reason,
    hint: `What is finished is kept in ${request.dir}; the same command continues it.`,
  });
}

/** What broke a trial gets a moment to recover: 2 s, then four times as long each time. */
const firstRetryMs = 2_000;

/** One trial, made again as long as infrastructure breaks it and tries are left. */
async function runPlanned(progress: JobProgress, planned: PlannedTrial, signal: AbortSignal): Promise<void> {
  const { request, tools, job } = progress.context;
  await progress.emit({
    kind: 'trial-start',
    trial: planned.name,
    task: planned.task.name,
    attempt: planned.attempt,
  });
  for (let tries = 1; ; tries += 1) {
    const store = await openTrialStore(job.paths.dir, planned.name, tools.redact);
    const spec = {
      ...planned,
      job: { id: job.id, name: request.name },
      source: job.sourceOf(planned.task.name),
    };
    try {
      const outcome = await runTrial({ ...tools, spec, store, settings: request.settings }, signal);
      throwIfServerIsGone(outcome);
      if (canTryAgain(outcome) && tries <= request.retries) {
        const reason = outcome.failure?.exception.exception_message ?? '';
        await progress.emit({ kind: 'trial-retry', trial: planned.name, tries, reason });
        await sleep(firstRetryMs * 4 ** (tries - 1), signal);
        continue;
      }
      await store.writeResult(outcome.result);
      await progress.ended(planned, outcome.result);
      return;
    } catch (error) {
      if (error instanceof CancelledError)
        await progress.emit({ kind: 'trial-cancelled', trial: planned.name });
      if (signal.aborted) return;
      throw error;
    }
  }
}

/** Infrastructure's failures deserve another try, unless the server said that repeating cannot help. */
function canTryAgain({ failure, result }: TrialOutcome): boolean {
  if (failure?.blame !== 'infrastructure' || result.verifier_result !== null) return false;
  return !(failure.error instanceof ModelError && failure.error.class === 'permanent');
}

/** A server that stayed away for the whole outage limit would fail every trial to come: end the job instead. */
function throwIfServerIsGone({ failure }: TrialOutcome): void {
  if (failure?.error instanceof ModelError && failure.error.class === 'server-down') throw failure.error;
}

interface JobContext {
  readonly request: JobRequest;
  readonly tools: JobTools;
  readonly job: OpenJob;
  readonly plan: readonly PlannedTrial[];
}

/** What is known of a running job: results so far, what is missing, and the file that says so. */
class JobProgress {
  private readonly startedAt = new Date().toISOString();
  private readonly results = new Map<string, TrialResult>();
  private reused = 0;

  private constructor(readonly context: JobContext) {}

  static async start(context: JobContext): Promise<JobProgress> {
    const progress = new JobProgress(context);
    for (const trial of context.plan) {
      const stored = await context.job.storedResult(trial);
      if (stored !== null) progress.results.set(trial.name, stored);
    }
    progress.reused = progress.results.size;
    const reused = [...progress.results.values()];
    await progress.emit({ kind: 'job-start', job: context.request.name, total: context.plan.length, reused });
    await progress.save(null);
    return progress;
  }

  get missing(): readonly PlannedTrial[] {
    return this.context.plan.filter((trial) => !this.results.has(trial.name));
  }

  async emit(event: JobEvent): Promise<void> {
    this.context.tools.emit(event);
    await this.context.job.log(event);
  }

  async ended(trial: PlannedTrial, result: TrialResult): Promise<void> {
    this.results.set(trial.name, result);
    await this.save(null);
    await this.emit({ kind: 'trial-end', trial: trial.name, result });
  }

  async finish(): Promise<void> {
    await this.save(this.missing.length === 0 ? new Date().toISOString() : null);
    await this.emit({ kind: 'job-end', job: this.context.request.name });
  }

  report(): JobReport {
    const { request, plan } = this.context;
    const unmeasured = [...this.results.values()].filter(
      (result) => result.verifier_result === null && result.tbench.blame === 'infrastructure',
    );
    return {
      name: request.name,
      dir: request.dir,
      done: this.results.size,
      total: plan.length,
      reused: this.reused,
      unmeasured: unmeasured.map((result) => result.trial_name),
    };
  }

  private async save(finishedAt: string | null): Promise<void> {
    const { job, plan } = this.context;
    const totals = jobTotals({
      config: job.config,
      results: [...this.results.values()],
      total: plan.length,
      startedAt: this.startedAt,
      finishedAt,
    });
    await writeJson(job.paths.result, totals);
  }
}
