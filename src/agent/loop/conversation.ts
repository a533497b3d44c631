import type { ChatMessage, ChatReply, ChatRequest, TokenCount } from '../../model/chat-model.js';
import { noTotals, type AgentTotals } from '../agent.js';
import { lastRequestOf, type LastRequest } from './budget.js';
import type { Harness } from '../harness/harness.js';
import { exchangeMessages, type Exchange } from './history.js';
import { droppedTokens } from './invariants.js';

/** A trial's history as it is sent, and what has been counted so far. */
export class Conversation {
  readonly messages: ChatMessage[] = [];
  /** Requests made, format errors included. */
  turn = 0;
  formatErrorsInARow = 0;
  totals: AgentTotals = noTotals;
  last: LastRequest | null = null;
  private readonly callIds = new Set<string>();
  /** Usage of the last answer, while nothing but that answer and its tool results followed it. */
  private replayed: ChatReply['usage'] | null = null;

  constructor(
    private readonly harness: Harness,
    opening: { readonly system: string; readonly user: string },
  ) {
    this.messages.push({ role: 'system', content: opening.system }, { role: 'user', content: opening.user });
  }

  request(maxTokens: number): ChatRequest {
    const { actions, sampling, tool } = this.harness;
    const tools = actions.source.kind === 'tool' ? [tool] : [];
    return { messages: [...this.messages], tools, sampling, maxTokens };
  }

  /** Books a reply; returns the tokens by which its prompt fell short of the last prompt and answer. */
  book(request: ChatRequest, reply: ChatReply, counted: TokenCount): number | null {
    const dropped = this.replayed === null ? null : droppedTokens(this.replayed, reply.usage.promptTokens);
    const characters = (reply.content?.length ?? 0) + (reply.thought?.text.length ?? 0);
    this.last = lastRequestOf(request, counted, { usage: reply.usage, characters });
    const { totals } = this;
    this.totals = {
      ...totals,
      turns: this.turn,
      inputTokens: plus(totals.inputTokens, reply.usage.promptTokens),
      outputTokens: plus(totals.outputTokens, reply.usage.completionTokens),
      cachedTokens: plus(totals.cachedTokens, reply.usage.cachedTokens),
      requestRetries: totals.requestRetries + reply.retries.length,
      droppedThoughtTurns: totals.droppedThoughtTurns + (dropped === null ? 0 : 1),
    };
    this.replayed = null;
    return dropped;
  }

  /** Counts something of the turn: a format error, a truncation, recovered calls. */
  count(key: 'formatErrors' | 'truncatedTurns' | 'recoveredCalls', by: number): void {
    this.totals = { ...this.totals, [key]: this.totals[key] + by };
  }

  /** Adds a reply and what follows it, in the form they can be sent back in; or, without the reply, the user message alone. */
  addExchange(
    reply: ChatReply,
    after: Pick<Exchange, 'answered' | 'userMessage'> & { readonly replyStays: boolean },
  ): void {
    const { answered, userMessage, replyStays } = after;
    const messages = exchangeMessages({ ...reply, answered, userMessage }, this.callIds);
    this.messages.push(...(replyStays ? messages : messages.filter(({ role }) => role === 'user')));
    for (const message of messages) if (message.role === 'tool') this.callIds.add(message.toolCallId);
    this.replayed = replyStays && userMessage === null ? reply.usage : null;
  }
}

/** Null stays null until the server reports a number once. */
function plus(sum: number | null, value: number | null): number | null {
  return value === null ? sum : (sum ?? 0) + value;
}
