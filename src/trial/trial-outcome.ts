import type { AgentOutcome } from '../agent/agent.js';
import type { TrialConfig } from '../record/trial-config.js';
import type { TrialResult } from '../record/trial-result.js';
import { describeFailure, failureOfEnding, failureOfVerifier, type Failure } from './failure.js';
import { multiStepResult } from './multi/multi-step-result.js';
import type { StepOutcome } from './multi/step-outcome.js';
import { trialResult } from './trial-result.js';
import type { TrialState } from './trial-state.js';

/** What came of one try of a trial. */
export interface TrialOutcome {
  readonly result: TrialResult;
  readonly failure: Failure | null;
}

/**
 * The outcome of a trial that ended in this state. `broken` holds the error that ended it, if one did; `steps` what came of the steps
 * of a multi-step task.
 */
export function trialOutcome(
  state: TrialState,
  broken: { readonly error: unknown } | null,
  { config, steps }: { readonly config: TrialConfig; readonly steps: readonly StepOutcome[] },
): TrialOutcome {
  if (steps.length === 0) {
    const failure = failureOf(state, broken);
    return { failure, result: trialResult(state, failure, config) };
  }
  const failure = broken === null ? (steps.find(isBroken)?.failure ?? null) : describeFailure(broken.error);
  const { task } = state.trial.spec;
  return { failure, result: multiStepResult(trialResult(state, failure, config), steps, { task, failure }) };
}

/** A step that infrastructure broke takes the measurement from the whole trial. */
function isBroken({ failure, state }: StepOutcome): boolean {
  return failure?.blame === 'infrastructure' && state.verification === undefined;
}

/** How an agent ended, of a trial under way or of a recorded one. */
interface Ended {
  readonly outcome: Pick<AgentOutcome, 'ending' | 'detail'>;
}

/**
 * The failure that is told. Broken infrastructure comes first: when the tests of a timed-out agent could not be run, nothing
 * was measured. The agent's ending comes before what the verifier says, which it may have caused.
 */
export function failureOf(
  { act, verification }: { readonly act?: Ended; readonly verification?: TrialState['verification'] },
  broken: { readonly error: unknown } | null,
): Failure | null {
  if (broken !== null) return describeFailure(broken.error);
  const ending = act === undefined ? null : failureOfEnding(act.outcome.ending, act.outcome.detail);
  return ending ?? failureOfVerifier(verification?.failure ?? null);
}

/** Text of `exception.txt`. */
export function exceptionText({ exception }: Failure): string {
  return `${exception.exception_type}: ${exception.exception_message}\n\n${exception.exception_traceback}\n`;
}
