import { CannotResumeError } from '../agent/resume/cannot-resume.js';
import { CancelledError } from '../base/errors.js';
import { isVerified } from './is-verified.js';
import type { StepOutcome } from './multi/step-outcome.js';
import { takeTaskSteps } from './multi/take-task-steps.js';
import { dropClaim } from './resume/claim-file.js';
import { act } from './steps/act.js';
import { adoptEnvironment } from './resume/adopt-environment.js';
import { collectArtifacts } from './steps/collect-artifacts.js';
import { ensureImage } from './steps/ensure-image.js';
import { handOver, leaveTestbed, staySo } from './steps/hand-over.js';
import { leaveShell } from './steps/leave-shell.js';
import { prepare } from './steps/prepare.js';
import { keepOrRemove, startEnvironment } from './steps/start-environment.js';
import { lookBefore } from './steps/look-before.js';
import { verify } from './steps/verify.js';
import { stepTaker, type StepTaker } from './take-steps.js';
import { lockOfTrial, trialConfig } from './trial-config.js';
import { exceptionText, trialOutcome, type TrialOutcome } from './trial-outcome.js';
import { begin, type Observed, type Started } from './trial-state.js';
import type { Trial } from './trial.js';

/**
 * Makes one attempt at one task: environment, agent, verifier, outcome. Whatever fails on the way is part of the
 * outcome, with its blame. Throws only when the trial is cancelled (nothing is recorded then) or its folder cannot
 * be written.
 */
export async function runTrial(trial: Trial, signal: AbortSignal): Promise<TrialOutcome> {
  const config = trialConfig(trial);
  await trial.store.writeConfig(config);
  await trial.store.writeLock(lockOfTrial(trial));
  const taker = stepTaker(trial, signal);
  let steps: readonly StepOutcome[] = [];
  const broken = await takeSteps(trial, taker, signal).then(
    (done) => void (steps = done),
    (error: unknown) => ({ error }),
  );
  await dropClaim(trial.store.paths);
  if (broken !== undefined && signal.aborted) throw cancelled(trial, signal);
  if (broken?.error instanceof CannotResumeError) throw broken.error;
  const outcome = trialOutcome(taker.state, broken ?? null, { config, steps });
  if (outcome.failure !== null) await trial.store.writeException(exceptionText(outcome.failure));
  return outcome;
}

/**
 * The steps of a trial. To add one, write it in steps/ and give it its place here. A task that has steps itself repeats those from
 * the scene on for each of them, in one environment; what came of each is returned.
 */
async function takeSteps(
  trial: Trial,
  taker: StepTaker,
  signal: AbortSignal,
): Promise<readonly StepOutcome[]> {
  const withImage = await taker.take('image', ensureImage, begin(trial));
  const left = trial.continuation?.from ?? null;
  if (left !== null) {
    const adopted = await taker.take('sandbox', adoptEnvironment(left), withImage);
    await using _adopted = keepOrRemove(adopted);
    await actAndVerify(adopted, taker);
    return [];
  }
  const started = await taker.take('sandbox', startEnvironment, withImage);
  await using _environment = keepOrRemove(started);
  const prepared = await taker.take('health', prepare, started);
  if (trial.spec.task.steps.length > 0) return await takeTaskSteps(prepared, lookAndAct, signal);
  await lookAndAct(prepared, taker);
  return [];
}

async function lookAndAct(prepared: Started, taker: StepTaker): Promise<void> {
  await actAndVerify(await taker.take('scene', lookBefore, prepared), taker);
}

async function actAndVerify(observed: Observed, { take }: StepTaker): Promise<void> {
  const acted = await take('agent', act, observed);
  const { ending, error } = acted.act.outcome;
  if (error !== null) throw error;
  const left = await take('leave', leaveShell, acted);
  if (!isVerified(ending)) return;
  const collected = await take('artifacts', collectArtifacts, left);
  const { separate } = observed.trial.spec.task.verifier;
  const placed =
    separate === null ? staySo(collected) : await take('handover', handOver(separate), collected);
  await using _testbed = leaveTestbed(placed);
  await take('verifier', verify, placed);
}

function cancelled({ spec }: Trial, signal: AbortSignal): CancelledError {
  return new CancelledError(`trial ${spec.name} was cancelled`, { cause: signal.reason });
}
