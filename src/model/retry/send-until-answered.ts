import type { AgentClock } from '../../base/agent-clock.js';
import { sleep } from '../../base/deadline.js';
import type { RequestRetry } from '../chat-model.js';
import { ModelError } from '../model-error.js';
import { RequestFailure } from '../wire/request-failure.js';
import { backOffMs, type RetryPolicy } from './back-off.js';
import { classifyFailure, isFinal, type ClassifiedFailure } from './classify-failure.js';

/** A request on its way to an answer, over all its tries. */
export interface PendingRequest {
  /** Failed tries that count against the policy; an outage's do not. */
  failures: number;
  /** When the try under way left for the server, on the monotonic clock. */
  sentAt: number;
  /** When the server last sent a byte of the try under way, or was sent the request; null while nothing is on its way. */
  heardAt: number | null;
  /** Time spent waiting for request slots of ours, all tries together. */
  queueMs: number;
  readonly retries: RequestRetry[];
}

export function newRequest(retries: readonly RequestRetry[] = []): PendingRequest {
  return { failures: 0, sentAt: 0, heardAt: null, queueMs: 0, retries: [...retries] };
}

/** What the repeating of requests needs of a trial's line to its server. */
export interface RepeatingLine {
  readonly policy: RetryPolicy;
  /** The server the line leads to now. */
  baseUrl(): string;
  /** Returns at once while the server is up; else waits until there is one. */
  waitForServer(clock: AgentClock): Promise<void>;
  /** For how long the server's engine has generated nothing while requests ran; null when it does not tell. */
  engineStillMs(): number | null;
  /** How long this server was silent before an answer that then came whole: its way of working, and no fault. */
  usualSilenceMs(): number;
  /** Asks /health after a failure that looks like the server's end; true when it is down and the job pauses. */
  isServerDown(message: string): Promise<boolean>;
  /** Removes secrets from a server's message. */
  redact(text: string): string;
  onRetry(retry: RequestRetry): void;
}

/**
 * Repeats a request for as long as the failure table says that this is worth it, and charges every failed try and
 * every pause to the clock it belongs on.
 * @throws ModelError when the request failed for good, or the reason of the clock's signal
 */
export async function sendUntilAnswered<T>(
  line: RepeatingLine,
  { pending, clock }: { readonly pending: PendingRequest; readonly clock: AgentClock },
  send: () => Promise<T>,
): Promise<T> {
  for (;;) {
    await line.waitForServer(clock);
    pending.sentAt = performance.now();
    pending.heardAt = null;
    try {
      return await send();
    } catch (error) {
      if (clock.signal.aborted) noteSilence(line, pending, clock);
      clock.signal.throwIfAborted();
      if (!(error instanceof RequestFailure)) throw error;
      await afterFailure(line, { pending, clock, error });
    }
  }
}

/** Tells the clock how long the server has been silent over the try under way, beyond what it usually is, and its engine still. */
function noteSilence(line: RepeatingLine, { heardAt }: PendingRequest, clock: AgentClock): void {
  if (heardAt === null) return;
  const silenceMs = Math.max(0, performance.now() - heardAt - line.usualSilenceMs());
  clock.noteSilence(silenceMs, Math.min(silenceMs, line.engineStillMs() ?? 0));
}

/** Returns when the request may be sent again. */
async function afterFailure(
  line: RepeatingLine,
  {
    pending,
    clock,
    error,
  }: { readonly pending: PendingRequest; readonly clock: AgentClock; readonly error: RequestFailure },
): Promise<void> {
  const failure = classifyFailure(error.facts);
  const message = line.redact(failure.message);
  const note = (retry: Pick<RequestRetry, 'class' | 'waitedMs'>): void => {
    const noted = { class: retry.class, status: failure.status, message, waitedMs: retry.waitedMs };
    pending.retries.push(noted);
    line.onRetry(noted);
  };
  const suspicious = failure.class === 'server-down' || failure.askHealth;
  if (suspicious && (await line.isServerDown(message))) {
    clock.excuse('outage', performance.now() - pending.sentAt);
    note({ class: 'server-down', waitedMs: 0 });
    return;
  }
  pending.failures += 1;
  if (isFinal(failure.class) || pending.failures >= line.policy.maxTries)
    throw giveUp(failure, pending, { message: `${line.baseUrl()}: ${message}`, cause: error });
  clock.excuse('retry', performance.now() - pending.sentAt);
  const waitedMs = backOffMs(line.policy, pending.failures, { ...failure, random: Math.random() });
  note({ class: 'transient', waitedMs });
  using _away = clock.suspend('retry');
  await sleep(waitedMs, clock.signal);
}

function giveUp(
  failure: ClassifiedFailure,
  { failures, retries }: PendingRequest,
  { message, cause }: { readonly message: string; readonly cause: unknown },
): ModelError {
  const tries = failures > 1 ? ` (after ${failures} tries)` : '';
  return new ModelError(`${message}${tries}`, {
    // Here the server's /health answers, so what looked like its end was a failure of this request.
    class: failure.class === 'server-down' ? 'transient' : failure.class,
    status: failure.status,
    retries,
    cause,
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  });
}
