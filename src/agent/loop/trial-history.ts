import type { ChatMessage, ChatReply, ChatRequest, TokenCount } from '../../model/chat-model.js';
import { noTotals, type AgentTotals } from '../agent.js';
import { toolsOf, type Harness } from '../harness/harness.js';
import type { PromptMessage } from '../templates/render-prompt.js';
import { lastRequestOf, type LastRequest } from './budget.js';
import { believedUsage } from './believed-usage.js';
import { droppedTokens } from './dropped-tokens.js';
import { turnMessages, type AnsweredTurn } from './turn-messages.js';

/** A trial's history as it is sent, and what has been counted so far. */
export class TrialHistory {
  readonly messages: ChatMessage[];
  /** Requests made, format errors included. */
  turn = 0;
  formatErrorsInARow = 0;
  totals: AgentTotals = noTotals;
  last: LastRequest | null = null;
  private readonly callIds = new Set<string>();
  /** Usage of the last answer, when the next prompt repeats that answer and adds its tool results only; else null. */
  private repeated: ChatReply['usage'] | null = null;

  constructor(
    private readonly harness: Harness,
    opening: readonly PromptMessage[],
  ) {
    this.messages = [...opening];
  }

  request(maxTokens: number): ChatRequest {
    const { harness } = this;
    return { messages: [...this.messages], tools: toolsOf(harness), sampling: harness.sampling, maxTokens };
  }

  /** A reply without the numbers that cannot be true in this conversation. */
  believed(reply: ChatReply, counted: TokenCount): ChatReply {
    return { ...reply, usage: believedUsage(reply.usage, counted, this.last) };
  }

  /** Books a reply; returns the tokens by which its prompt fell short of the last prompt and answer. */
  book(request: ChatRequest, reply: ChatReply, counted: TokenCount): number | null {
    const dropped = this.repeated === null ? null : droppedTokens(this.repeated, reply.usage.promptTokens);
    const characters = (reply.content?.length ?? 0) + (reply.thought?.text.length ?? 0);
    this.last = lastRequestOf(request, counted, { usage: reply.usage, characters });
    const { totals } = this;
    this.totals = {
      ...totals,
      turns: this.turn,
      inputTokens: sumOfAll(totals, totals.inputTokens, reply.usage.promptTokens),
      outputTokens: sumOfAll(totals, totals.outputTokens, reply.usage.completionTokens),
      cachedTokens: plus(totals.cachedTokens, reply.usage.cachedTokens),
      requestRetries: totals.requestRetries + reply.retries.length,
      droppedThoughtTurns: totals.droppedThoughtTurns + (dropped === null ? 0 : 1),
    };
    this.repeated = null;
    return dropped;
  }

  /** Counts something of the turn: a format error, a truncation, recovered calls. */
  count(key: 'formatErrors' | 'truncatedTurns' | 'recoveredCalls', by: number): void {
    this.totals = { ...this.totals, [key]: this.totals[key] + by };
  }

  /** Adds a reply and what follows it, in the form they can be sent back in; or, without the reply, the user message alone. */
  addTurn(
    reply: ChatReply,
    after: Pick<AnsweredTurn, 'answered' | 'userMessage'> & { readonly replyStays: boolean },
  ): void {
    const { answered, userMessage, replyStays } = after;
    const messages = turnMessages({ ...reply, answered, userMessage }, this.callIds);
    for (const message of messages) {
      if (replyStays || message.role === 'user') this.messages.push(message);
      if (message.role === 'tool') this.callIds.add(message.toolCallId);
    }
    this.repeated = replyStays && userMessage === null ? reply.usage : null;
  }
}

/** A sum over all turns; null as soon as one of them has no number. */
function sumOfAll({ turns }: AgentTotals, sum: number | null, value: number | null): number | null {
  if (value === null) return null;
  return turns === 0 ? value : sum === null ? null : sum + value;
}

/** Null stays null until the server reports a number once. */
function plus(sum: number | null, value: number | null): number | null {
  return value === null ? sum : (sum ?? 0) + value;
}
