import { ownOf } from '../../../base/json-value.js';
import type { HarborTrial, Timing } from './harbor-schema.js';
import { readRewards } from './read-rewards.js';
import type { Ending } from '../../../record/ending.js';

const submitMarker = 'COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT';
const usualTurnLimit = 64;

/** The ending of a foreign trial. `inferred` marks what the record implies but does not say. */
export interface InferredEnding {
  readonly ending: Ending;
  readonly inferred: boolean;
}

const byException: Readonly<Record<string, Ending>> = {
  AgentTimeoutError: 'agent-timeout',
  CancelledError: 'cancelled',
  DaytonaError: 'sandbox-error',
  EnvironmentStartTimeoutError: 'sandbox-error',
  EnvironmentBuildTimeoutError: 'sandbox-error',
  HealthcheckError: 'sandbox-error',
  ContextLengthExceededError: 'context-window',
  ApiRateLimitError: 'model-error',
  ApiUsageLimitError: 'model-error',
  ApiConnectionClosedError: 'model-error',
  ModelNotFoundError: 'model-error',
  AgentAuthenticationError: 'model-error',
};

/**
 * Reads an ending out of a Harbor record, which stores none: the exception's name says it outright; the
 * submit marker in the last command, 64 steps, or an early silent stop (the context is full) imply it.
 * Null without evidence, e.g. for a trial cut by hand.
 */
export function inferEnding(stored: HarborTrial, steps: Timing | null): InferredEnding | null {
  const exception = stored.exception_info?.exception_type;
  const said = exception === undefined ? undefined : ownOf(byException, exception);
  if (said !== undefined) return { ending: said, inferred: false };
  const name = stored.agent_info?.name;
  if (name === 'oracle' || name === 'nop') return { ending: 'finished', inferred: true };
  const last = steps?.at(-1);
  if (steps === null || last === undefined) return null;
  if (last.cmd?.includes(submitMarker) === true) return { ending: 'submitted', inferred: true };
  if (steps.length >= usualTurnLimit) return { ending: 'turn-limit', inferred: true };
  return readRewards(stored.verifier_result).reward !== null
    ? { ending: 'context-window', inferred: true }
    : null;
}
