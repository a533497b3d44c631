import { stepTask, type TaskStep } from '../../dataset/task.js';
import { openStepStore, removeEmptyFolders } from '../../results/trial-store.js';
import type { StepTaker } from '../take-steps.js';
import { stepTaker } from '../take-steps.js';
import { exceptionText, failureOf } from '../trial-outcome.js';
import type { Started } from '../trial-state.js';
import { stepResult } from './multi-step-result.js';
import { prepareStep } from './prepare-step.js';
import { goesOn, type StepOutcome } from './step-outcome.js';

/** Acts and verifies in a prepared environment. */
export type TakePart = (prepared: Started, taker: StepTaker) => Promise<void>;

/**
 * Takes the steps of a multi-step task, one after the other in the same environment, until one has no rewards or misses what it
 * demands. What fails in a step is part of its outcome; throws only when the trial was cancelled.
 */
export async function takeTaskSteps(
  prepared: Started,
  takePart: TakePart,
  signal: AbortSignal,
): Promise<readonly StepOutcome[]> {
  const { steps } = prepared.trial.spec.task;
  const outcomes: StepOutcome[] = [];
  for (const [index, step] of steps.entries()) {
    const place = { before: steps[index - 1] ?? null, isLast: index === steps.length - 1 };
    const outcome = await takeTaskStep(prepared, { step, ...place }, { takePart, signal });
    outcomes.push(outcome);
    if (!goesOn(outcome)) break;
  }
  await removeEmptyFolders(prepared.trial.store);
  return outcomes;
}

async function takeTaskStep(
  prepared: Started,
  {
    step,
    before,
    isLast,
  }: {
    readonly step: TaskStep;
    readonly before: TaskStep | null;
    readonly isLast: boolean;
  },
  { takePart, signal }: { readonly takePart: TakePart; readonly signal: AbortSignal },
): Promise<StepOutcome> {
  const { spec, store } = prepared.trial;
  const own = await openStepStore(store, step.name);
  const trial = { ...prepared.trial, store: own, spec: { ...spec, task: stepTask(spec.task, step) } };
  const taker = stepTaker(trial, signal);
  const startedAt = new Date().toISOString();
  const begun = { ...prepared, trial, step: step.name, isLast, startedAt, times: [], warnings: [] };
  const broken = await taker
    .take('health', prepareStep(step, { before }), begun)
    .then((ready) => takePart(ready, taker).then(() => null, asBroken), asBroken);
  if (broken !== null && signal.aborted) throw broken.error;
  const { state } = taker;
  const failure = failureOf(state, broken);
  if (failure !== null) await own.writeException(exceptionText(failure));
  return { step, state, failure, result: stepResult(step, state, failure) };
}

function asBroken(error: unknown): { readonly error: unknown } {
  return { error };
}
