import { CancelledError } from '../base/errors.js';
import { isVerified } from './is-verified.js';
import { act } from './steps/act.js';
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
import { begin } from './trial-state.js';
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
  const steps = stepTaker(trial, signal);
  const broken = await takeSteps(trial, steps).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (broken !== null && signal.aborted) throw cancelled(trial, signal);
  const outcome = trialOutcome(steps.state, broken, config);
  if (outcome.failure !== null) await trial.store.writeException(exceptionText(outcome.failure));
  return outcome;
}

/** The steps of a trial. To add one, write it in steps/ and give it its place here. */
async function takeSteps(trial: Trial, { take }: StepTaker): Promise<void> {
  const withImage = await take('image', ensureImage, begin(trial));
  const started = await take('sandbox', startEnvironment, withImage);
  await using _environment = keepOrRemove(started);
  const prepared = await take('health', prepare, started);
  const observed = await take('scene', lookBefore, prepared);
  const acted = await take('agent', act, observed);
  const { ending, error } = acted.act.outcome;
  if (error !== null) throw error;
  const left = await take('leave', leaveShell, acted);
  if (!isVerified(ending)) return;
  const collected = await take('artifacts', collectArtifacts, left);
  const { separate } = trial.spec.task.verifier;
  const placed =
    separate === null ? staySo(collected) : await take('handover', handOver(separate), collected);
  await using _testbed = leaveTestbed(placed);
  await take('verifier', verify, placed);
}

function cancelled({ spec }: Trial, signal: AbortSignal): CancelledError {
  return new CancelledError(`trial ${spec.name} was cancelled`, { cause: signal.reason });
}
