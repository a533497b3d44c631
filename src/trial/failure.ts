import { describeError, TaskError, TbenchError } from '../base/errors.js';
import type { Blame } from '../record/blame.js';
import type { Ending } from '../record/ending.js';
import type { TrialResult } from '../record/trial-result.js';
import { HealthcheckError } from './steps/healthcheck.js';

/** What went wrong in a trial, as recorded: Harbor's exception fields and who is to blame. */
export interface Failure {
  readonly blame: Blame;
  readonly exception: NonNullable<TrialResult['exception_info']>;
  /** The error itself, for those who decide whether another try makes sense. */
  readonly error: Error | null;
}

const longestText = 20_000;

/** The failure an error stands for. The task's author is to blame for its files, everything else is ours to mend. */
export function describeFailure(error: unknown): Failure {
  const known = error instanceof Error ? error : new Error(String(error));
  const blame = known instanceof TaskError || known instanceof HealthcheckError ? 'task' : 'infrastructure';
  const type = known instanceof TbenchError || known.name !== 'Error' ? known.name : 'RuntimeError';
  return failure(blame, type, describeError(known), known);
}

/** The failure an ending stands for, or null when the agent stopped by its own rules. */
export function failureOfEnding(ending: Ending, detail: string | null): Failure | null {
  const type = endingExceptions[ending];
  return type === undefined ? null : failure('model', type, detail ?? ending, null);
}

/** The failure of a verifier that gave no usable reward. */
export function failureOfVerifier(
  found: { readonly type: string; readonly message: string } | null,
): Failure | null {
  return found === null ? null : failure('verifier', found.type, found.message, null);
}

/** Harbor's exception names, where it has one for the ending. */
const endingExceptions: Partial<Record<Ending, string>> = {
  'agent-timeout': 'AgentTimeoutError',
  'storage-limit': 'StorageLimitError',
};

function failure(blame: Blame, type: string, message: string, error: Error | null): Failure {
  return {
    blame,
    error,
    exception: {
      exception_type: type,
      exception_message: message.slice(0, longestText),
      exception_traceback: (error?.stack ?? '').slice(0, longestText),
      occurred_at: new Date().toISOString(),
    },
  };
}
