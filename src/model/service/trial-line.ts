import type { AgentClock } from '../../base/agent-clock.js';
import type {
  ChatModel,
  ChatReply,
  ChatRequest,
  ModelTrial,
  RequestContext,
  RequestRetry,
  TokenCount,
} from '../chat-model.js';
import { ModelError } from '../model-error.js';
import type { ModelEvent } from '../model-event.js';
import type { RetryPolicy } from '../retry/back-off.js';
import { classifyFailure, isFinal } from '../retry/classify-failure.js';
import {
  newRequest,
  sendUntilAnswered,
  type PendingRequest,
  type RepeatingLine,
} from '../retry/send-until-answered.js';
import { chatBody, tokenizeBody, type WireBody } from '../wire/chat-body.js';
import type { SentReply } from '../wire/chat-client.js';
import { RequestFailure } from '../wire/request-failure.js';
import { countPromptTokens } from '../wire/tokens.js';
import { trialHeader, turnHeader } from '../wire/trial-headers.js';
import { countHiddenTokens } from './hidden-tokens.js';
import type { ExchangeLog } from './exchange-log.js';
import type { ModelServer, Servers } from './servers.js';

export interface TrialLineOptions {
  readonly model: string;
  readonly maxModelLen: number | null;
  readonly trial: ModelTrial;
  readonly servers: Servers;
  readonly idleTimeoutMs: number;
  readonly retryPolicy: RetryPolicy;
  readonly record: ExchangeLog | null;
  readonly redact: (text: string) => string;
  readonly onEvent: (event: ModelEvent) => void;
}

const longestCountMs = 60_000;
const shortestIdleMs = 60_000;

/**
 * Silence is judged within the agent's time, or the end of that time would always come first: after a third of it. A
 * server that is not seen to stand still may take longer, since a slow one that sends nothing before all is written looks the same
 * as a frozen one; what the end of the agent's time says then is judged from the silence (`isServersTimeout`).
 */
function silenceLimits(
  longestMs: number,
  agentMs: number | null,
): { readonly idleTimeoutMs: number; readonly longestMs: number } {
  if (agentMs === null) return { idleTimeoutMs: longestMs, longestMs };
  const third = agentMs / 3;
  return {
    idleTimeoutMs: Math.min(longestMs, Math.max(shortestIdleMs, third)),
    longestMs: Math.max(longestMs, third),
  };
}

/** Whether an answer came at once rather than as it was written: no model writes a token in a millisecond. */
function cameWhole({ usage, content, thought, firstTokenMs, totalMs }: SentReply): boolean {
  const characters = (content?.length ?? 0) + (thought?.text.length ?? 0);
  const tokens = usage.completionTokens ?? characters / 4;
  return firstTokenMs === null || totalMs - firstTokenMs < tokens;
}

/** One trial's line: its server, its request slot, the headers of its turns, and the record of what was said. */
export class TrialLine implements ChatModel {
  readonly name: string;
  readonly maxModelLen: number | null;
  private server: ModelServer;
  private turn = 1;
  private hasTokenizer = true;
  private open = true;
  private toldHidden = false;
  private usualSilenceMs = 0;
  /** Retries of the token count before the request they belong to. */
  private countRetries: readonly RequestRetry[] = [];
  private readonly repeating: RepeatingLine;

  constructor(private readonly options: TrialLineOptions) {
    this.name = options.model;
    this.maxModelLen = options.maxModelLen;
    this.server = options.servers.assign();
    this.repeating = {
      policy: options.retryPolicy,
      baseUrl: () => this.server.address.baseUrl,
      waitForServer: (clock) => this.waitForServer(clock),
      engineStillMs: () => this.server.engine.stillMs(),
      usualSilenceMs: () => this.usualSilenceMs,
      isServerDown: (message) => this.server.outage.check(message),
      redact: options.redact,
      onRetry: (retry) => options.onEvent({ kind: 'request-retry', trial: options.trial.name, retry }),
    };
  }

  async complete(request: ChatRequest, { clock }: RequestContext): Promise<ChatReply> {
    const body = chatBody(this.name, request);
    const pending = newRequest(this.countRetries);
    this.countRetries = [];
    try {
      const sent = await sendUntilAnswered(this.repeating, { pending, clock }, () =>
        this.send(body, pending, clock),
      );
      if (cameWhole(sent)) this.usualSilenceMs = Math.max(this.usualSilenceMs, sent.totalMs);
      const { sentBytes, ...reply } = this.replyOf(sent, pending);
      await this.options.record?.append(this.turn, body, { reply, sent_bytes: sentBytes });
      if (request.tools.length === 0) await this.lookForHidden(reply, clock);
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

  async countTokens(request: ChatRequest, { clock }: RequestContext): Promise<TokenCount | null> {
    if (!this.hasTokenizer) return null;
    const body = tokenizeBody(this.name, request);
    const pending = newRequest();
    const tokens = await sendUntilAnswered(this.repeating, { pending, clock }, () =>
      this.tokenize(body, pending, clock),
    );
    this.countRetries = pending.retries;
    if (tokens === null) this.hasTokenizer = false;
    return tokens === null ? null : { tokens, exact: true };
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.open) this.options.servers.release(this.server);
    this.open = false;
    return Promise.resolve();
  }

  /** Waits out an outage, on the clock that charges nobody, and moves to another server where there is one. */
  private async waitForServer(clock: AgentClock): Promise<void> {
    clock.signal.throwIfAborted();
    const { servers, trial, onEvent } = this.options;
    if (!this.server.outage.down) return;
    using _away = clock.suspend('outage');
    const before = this.server;
    this.server = await servers.waitForServer(before, clock.signal);
    if (this.server === before) return;
    const [from, to] = [before.address.baseUrl, this.server.address.baseUrl];
    onEvent({ kind: 'trial-move', trial: trial.name, from, to });
  }

  private async send(body: WireBody, pending: PendingRequest, clock: AgentClock): Promise<SentReply> {
    const askedAt = performance.now();
    using _slot = await this.acquireSlot(clock);
    pending.sentAt = performance.now();
    pending.heardAt = pending.sentAt;
    pending.queueMs += pending.sentAt - askedAt;
    // The server may have gone down while this request waited for its slot.
    if (this.server.outage.down)
      throw new RequestFailure({ kind: 'connection', code: null, message: 'server down' });
    return await this.server.chat.send(body, {
      headers: this.headers(),
      ...silenceLimits(this.options.idleTimeoutMs, clock.limitMs),
      engineStillMs: () => this.server.engine.stillMs(),
      signal: clock.signal,
      onByte: () => (pending.heardAt = performance.now()),
    });
  }

  /** Once a trial: a server that deletes words of the model deletes them in every turn. */
  private async lookForHidden(reply: ChatReply, clock: AgentClock): Promise<void> {
    if (this.toldHidden || !this.hasTokenizer) return;
    const server = { address: this.server.address, model: this.name };
    const request = { headers: this.headers(), timeoutMs: longestCountMs, signal: clock.signal };
    const hidden = await countHiddenTokens(reply, server, request).catch(() => null);
    clock.signal.throwIfAborted();
    if (hidden === null || hidden === 0) return;
    this.toldHidden = true;
    const { trial, onEvent } = this.options;
    onEvent({ kind: 'hidden-tokens', trial: trial.name, hidden, of: reply.usage.completionTokens ?? hidden });
  }

  private async acquireSlot(clock: AgentClock): Promise<Disposable> {
    using _away = clock.suspend('slot');
    return await this.server.slots.acquire(clock.signal);
  }

  /** Null when the server has no chat tokenizer; what else is wrong the chat request itself will tell. */
  private async tokenize(body: WireBody, pending: PendingRequest, clock: AgentClock): Promise<number | null> {
    pending.heardAt = performance.now();
    try {
      const timeoutMs = Math.min(this.options.idleTimeoutMs, longestCountMs);
      const request = { headers: this.headers(), timeoutMs, signal: clock.signal };
      return await countPromptTokens(this.server.address, body, request);
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      if (isFinal(classifyFailure(error.facts).class)) return null;
      throw error;
    }
  }

  private headers(): Record<string, string> {
    const { task, attempt } = this.options.trial;
    return {
      [trialHeader]: `${encodeURIComponent(task)}__${attempt}`,
      [turnHeader]: String(this.turn),
    };
  }

  private replyOf(
    { firstTokenMs, totalMs, ...answer }: SentReply,
    { queueMs, retries }: PendingRequest,
  ): ChatReply & Pick<SentReply, 'sentBytes'> {
    return {
      ...answer,
      timing: { queueMs, firstTokenMs, totalMs },
      retries,
      baseUrl: this.server.address.baseUrl,
    };
  }
}
