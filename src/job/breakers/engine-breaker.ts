import { EnvironmentError } from '../../base/errors.js';
import type { TryOutcome } from '../../record/try-outcome.js';

/** Tries in a row, of whatever trials, that the engine may break before the agent acts. */
const mostFailures = 5;

/** Looks at every try of a job; throws EnvironmentError when the engine has failed so often that it fails for good. */
export function engineBreaker(): (outcome: TryOutcome) => void {
  let inARow = 0;
  return ({ anotherTry, result }) => {
    inARow = anotherTry === 'engine-failed' ? inARow + 1 : 0;
    if (inARow < mostFailures) return;
    const reason = result.exception_info?.exception_message ?? '';
    throw new EnvironmentError(
      `the container engine failed ${inARow} times running, the last time with: ${reason}`,
      {
        hint: 'tbench doctor says what is wrong with it; the same command continues the job.',
      },
    );
  };
}
