import { ImageError, SandboxError } from '../base/errors.js';
import { ModelError } from '../model/model-error.js';
import type { TrialResult } from '../record/trial-result.js';
import type { TryOutcome } from '../record/try-outcome.js';

/** When an agent acted: in the trial, or in its steps. */
type Execution = Pick<TrialResult, 'agent_execution'>;
type Acted = Execution & { readonly step_results?: readonly Execution[] | null | undefined };

/** Whether another try of a trial may end otherwise, by what ended this one. */
export function anotherTry(error: Error | null, result: Acted): TryOutcome['anotherTry'] {
  const executions = [result, ...(result.step_results ?? [])].map((one) => one.agent_execution);
  const hasActed = executions.some((execution) => execution !== null);
  if (error instanceof ImageError) return error.isFinal ? 'is-pointless' : 'may-help';
  // What breaks a sandbox once the agent is in it may be the agent's doing.
  if (error instanceof SandboxError && !hasActed) return 'engine-failed';
  if (!(error instanceof ModelError)) return 'may-help';
  if (error.class === 'server-down') return 'server-gone';
  return error.class === 'permanent' ? 'is-pointless' : 'may-help';
}
