import type { AgentClock } from '../base/agent-clock.js';
import { SandboxError } from '../base/errors.js';
import { ModelError } from '../model/model-error.js';
import type { Ending } from '../record/ending.js';
import { isServersTimeout, shareKeptByServer } from './kept-by-server.js';

/** Why an agent stopped. */
export interface EndingOutcome {
  readonly ending: Ending;
  readonly detail: string | null;
  readonly error: Error | null;
}

export function ended(ending: Ending, detail: string | null = null): EndingOutcome {
  return { ending, detail, error: null };
}

/**
 * The ending that an error thrown while the agent acted stands for. The agent's time and a cancellation come
 * first: whatever failed after the signal aborted failed because of it. Bugs and bad input are thrown again.
 */
export function endingOfError(error: unknown, clock: AgentClock): EndingOutcome {
  if (clock.expired) return timeUp(`the agent's time of ${(clock.limitMs ?? 0) / 1000} s was up`, clock);
  if (clock.signal.aborted) return ended('cancelled', reasonText(clock.signal.reason));
  if (error instanceof ModelError)
    return error.class === 'context'
      ? ended('context-window', error.message)
      : { ending: 'model-error', detail: error.message, error };
  if (error instanceof SandboxError) return { ending: 'sandbox-error', detail: error.message, error };
  throw error;
}

/** The ending of an agent whose time is up: its own, or the server's that kept the model from answering. */
export function timeUp(detail: string, clock: AgentClock): EndingOutcome {
  const time = clock.read();
  if (!isServersTimeout(time, clock.mode)) return ended('agent-timeout', detail);
  const share = Math.round(shareKeptByServer(time, clock.mode) * 100);
  const message = `${detail}, and for ${share} % of it the model server kept the model from answering${time.stuckMs > 0 ? `; its engine generated nothing in the last ${Math.round(time.stuckMs / 1000)} s` : ''}`;
  const error = new ModelError(message, {
    class: 'transient',
    hint: 'Look at the load and the log of the server; tbench show lists the failed requests of the trial.',
  });
  return { ending: 'model-error', detail: message, error };
}

function reasonText(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
