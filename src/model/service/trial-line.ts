import { sleep } from '../../base/deadline.js';
import { chatBody, tokenizeBody, type WireBody } from '../wire/chat-body.js';
import type {
  ChatModel,
  ChatReply,
  ChatRequest,
  RequestContext,
  RequestRetry,
  TokenCount,
} from '../chat-model.js';
import { classify, type Verdict } from '../wire/classify.js';
import { ModelError } from '../model-error.js';
import type { ModelEvent } from '../model-event.js';
import { sendChat, type SentReply } from '../wire/openai-client.js';
import { RequestFailure } from '../wire/request-failure.js';
import { backOffMs, type RetryPolicy } from './retry.js';
import type { ModelServer, Servers } from './servers.js';
import { trialHeader, turnHeader } from '../wire/trial-headers.js';
import { countPromptTokens } from '../wire/tokens.js';
import type { ExchangeLog } from '../replay/exchange-log.js';

export interface TrialLineOptions {
  readonly model: string;
  readonly maxModelLen: number | null;
  readonly trial: { readonly task: string; readonly attempt: number; readonly name: string };
  readonly servers: Servers;
  readonly idleTimeoutMs: number;
  readonly retryPolicy: RetryPolicy;
  readonly record: ExchangeLog | null;
  readonly redact: (text: string) => string;
  readonly onEvent: (event: ModelEvent) => void;
}

const longestCountMs = 60_000;

interface Waited {
  failures: number;
  /** When the try under way left for the server. */
  sentAt: number;
  readonly retries: RequestRetry[];
  queueMs: number;
}

/** One trial's line: retries, waits, moves between servers, and charges each wait to its own clock. */
export class TrialLine implements ChatModel {
  readonly name: string;
  readonly maxModelLen: number | null;
  private server: ModelServer;
  private turn = 1;
  private hasTokenizer = true;
  private open = true;
  /** Retries of the token count before the request they belong to. */
  private counting: readonly RequestRetry[] = [];

  constructor(private readonly options: TrialLineOptions) {
    this.name = options.model;
    this.maxModelLen = options.maxModelLen;
    this.server = options.servers.assign();
  }

  async complete(request: ChatRequest, context: RequestContext): Promise<ChatReply> {
    const body = chatBody(this.name, request);
    const waited: Waited = { failures: 0, sentAt: 0, retries: [...this.counting], queueMs: 0 };
    this.counting = [];
    try {
      const sent = await this.persist(waited, context, () => this.send(body, waited, context));
      const reply = this.replyOf(sent, waited);
      await this.options.record?.append(this.turn, body, { reply, sent_bytes: sent.sentBytes });
      this.turn += 1;
      return reply;
    } catch (error) {
      if (error instanceof ModelError) {
        const failure = { class: error.class, status: error.status, message: error.message };
        await this.options.record?.append(this.turn, body, { failure });
      }
      throw error;
    }
  }

  async countTokens(request: ChatRequest, context: RequestContext): Promise<TokenCount | null> {
    if (!this.hasTokenizer) return null;
    const body = tokenizeBody(this.name, request);
    const waited: Waited = { failures: 0, sentAt: 0, retries: [], queueMs: 0 };
    const tokens = await this.persist(waited, context, () => this.tokenize(body, context));
    this.counting = waited.retries;
    if (tokens === null) this.hasTokenizer = false;
    return tokens === null ? null : { tokens, exact: true };
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.open) this.options.servers.release(this.server);
    this.open = false;
    return Promise.resolve();
  }

  /** Repeats `attempt` as long as the failure table says that it is worth it. */
  private async persist<T>(waited: Waited, context: RequestContext, attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.settle(context);
      waited.sentAt = performance.now();
      try {
        return await attempt();
      } catch (error) {
        context.clock.signal.throwIfAborted();
        if (!(error instanceof RequestFailure)) throw error;
        await this.afterFailure(classify(error.evidence), { waited, context, cause: error });
      }
    }
  }

  /** Waits out an outage, on the clock that charges nobody. */
  private async settle({ clock }: RequestContext): Promise<void> {
    clock.signal.throwIfAborted();
    const { servers, trial, onEvent } = this.options;
    if (!this.server.outage.down) return;
    using _away = clock.suspend('outage');
    const before = this.server;
    this.server = await servers.settle(before, clock.signal);
    if (this.server === before) return;
    const [from, to] = [before.address.baseUrl, this.server.address.baseUrl];
    onEvent({ kind: 'trial-move', trial: trial.name, from, to });
  }

  private async send(body: WireBody, waited: Waited, { clock }: RequestContext): Promise<SentReply> {
    const askedAt = performance.now();
    using _slot = await this.acquireSlot(clock);
    waited.sentAt = performance.now();
    waited.queueMs += waited.sentAt - askedAt;
    // The wait for a slot may have outlasted the server.
    if (this.server.outage.down)
      throw new RequestFailure({ kind: 'connection', code: null, message: 'server down' });
    return await sendChat(this.server.address, body, {
      headers: this.headers(),
      idleTimeoutMs: this.options.idleTimeoutMs,
      signal: clock.signal,
    });
  }

  private async acquireSlot(clock: RequestContext['clock']): Promise<Disposable> {
    using _away = clock.suspend('slot');
    return await this.server.slots.acquire(clock.signal);
  }

  /** Null when the server has no chat tokenizer; what else is wrong the chat request itself will tell. */
  private async tokenize(body: WireBody, { clock }: RequestContext): Promise<number | null> {
    try {
      const timeoutMs = Math.min(this.options.idleTimeoutMs, longestCountMs);
      const request = { headers: this.headers(), timeoutMs, signal: clock.signal };
      return await countPromptTokens(this.server.address, body, request);
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      const verdict = classify(error.evidence);
      if (verdict.class === 'permanent' || verdict.class === 'context') return null;
      throw error;
    }
  }

  private async afterFailure(
    verdict: Verdict,
    failure: { waited: Waited; context: RequestContext; cause: unknown },
  ): Promise<void> {
    const { waited, context, cause } = failure;
    const message = this.options.redact(verdict.message);
    const suspicious = verdict.class === 'server-down' || verdict.probe;
    if (suspicious && (await this.server.outage.check(message))) {
      context.clock.excuse('outage', performance.now() - waited.sentAt);
      this.note(waited, { class: 'server-down', status: verdict.status, message, waitedMs: 0 });
      return;
    }
    waited.failures += 1;
    const { retryPolicy } = this.options;
    const hopeless = verdict.class === 'permanent' || verdict.class === 'context';
    if (hopeless || waited.failures >= retryPolicy.maxTries)
      throw this.giveUp(verdict, waited, { message, cause });
    context.clock.excuse('retry', performance.now() - waited.sentAt);
    const waitedMs = backOffMs(retryPolicy, waited.failures, { ...verdict, random: Math.random() });
    this.note(waited, { class: 'transient', status: verdict.status, message, waitedMs });
    using _away = context.clock.suspend('retry');
    await sleep(waitedMs, context.clock.signal);
  }

  private note(waited: Waited, retry: RequestRetry): void {
    waited.retries.push(retry);
    this.options.onEvent({ kind: 'request-retry', trial: this.options.trial.name, retry });
  }

  private giveUp(
    verdict: Verdict,
    waited: Waited,
    { message, cause }: { message: string; cause: unknown },
  ): ModelError {
    const tries = waited.failures > 1 ? ` (after ${waited.failures} tries)` : '';
    return new ModelError(`${this.server.address.baseUrl}: ${message}${tries}`, {
      class: verdict.class === 'server-down' ? 'transient' : verdict.class,
      status: verdict.status,
      retries: waited.retries,
      cause,
      ...(verdict.hint === undefined ? {} : { hint: verdict.hint }),
    });
  }

  private headers(): Record<string, string> {
    const { task, attempt } = this.options.trial;
    return {
      [trialHeader]: `${encodeURIComponent(task)}__${attempt}`,
      [turnHeader]: String(this.turn),
    };
  }

  private replyOf(sent: SentReply, waited: Waited): ChatReply {
    const { content, thought, toolCalls, finishReason, usage, firstTokenMs, totalMs } = sent;
    return {
      content,
      thought,
      toolCalls,
      finishReason,
      usage,
      timing: { queueMs: waited.queueMs, firstTokenMs, totalMs },
      retries: waited.retries,
      baseUrl: this.server.address.baseUrl,
    };
  }
}
