import type { ChatMessage, ChatRequest, TokenCount, Usage } from '../../model/chat-model.js';
import type { Budget } from '../harness/harness.js';

/** Whether the next request may be sent, and with how many tokens for the answer. */
export type TurnPlan =
  { readonly kind: 'send'; readonly maxTokens: number } | { readonly kind: 'stop'; readonly detail: string };

/**
 * Plans a turn so that prompt and answer stay within the budget and the model's context. `stop` gives every
 * turn its full tokens or ends the trial; `clamp` gives the last turns what is left. Pure.
 */
export function planTurn(budget: Budget, prompt: TokenCount, maxModelLen: number | null): TurnPlan {
  const total = Math.min(budget.totalTokens, maxModelLen ?? Infinity);
  const room = total - prompt.tokens;
  const wanted = budget.whenTight === 'stop' ? budget.turnTokens : Math.min(budget.turnTokens, room);
  if (wanted >= 1 && wanted <= room) return { kind: 'send', maxTokens: wanted };
  const about = prompt.exact ? '' : 'about ';
  const need = budget.whenTight === 'stop' ? `${budget.turnTokens} for the turn` : 'at least 1 for the turn';
  return {
    kind: 'stop',
    detail: `a prompt of ${about}${prompt.tokens} tokens and ${need} do not fit in ${total}`,
  };
}

/** What is known of the last request, to estimate the next where the server has no tokenizer endpoint. */
export interface LastRequest {
  readonly messages: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Characters of that request's messages, for the rate of characters a token. */
  readonly characters: number;
}

const charactersPerTokenAtFirst = 3;
const tokensPerMessage = 8;

/**
 * Estimates the next prompt from the last usage: last prompt + last answer + the messages added since, at the
 * rate of characters a token this trial has shown. The answer's own message is in its completion tokens.
 */
export function estimatePrompt(
  request: Pick<ChatRequest, 'messages' | 'tools'>,
  last: LastRequest | null,
): TokenCount {
  const { messages, tools } = request;
  if (last === null) {
    const characters = charactersOf(messages) + JSON.stringify(tools).length;
    return { tokens: estimateTokens(characters, messages.length, charactersPerTokenAtFirst), exact: false };
  }
  const rate = Math.min(5, Math.max(1, last.characters / Math.max(1, last.promptTokens)));
  const since = messages.slice(last.messages);
  const added = since.filter(({ role }) => role !== 'assistant');
  const answer = added.length < since.length ? last.completionTokens : 0;
  const tokens = estimateTokens(charactersOf(added), added.length, rate);
  return { tokens: last.promptTokens + answer + tokens, exact: false };
}

/** What the ledger keeps of a request that was answered; counts the server did not give come from the estimate. */
export function lastRequestOf(
  request: ChatRequest,
  counted: TokenCount,
  { usage, characters }: AnswerSize,
): LastRequest {
  return {
    messages: request.messages.length,
    promptTokens: usage.promptTokens ?? counted.tokens,
    completionTokens: usage.completionTokens ?? Math.ceil(characters / charactersPerTokenAtFirst),
    characters: charactersOf(request.messages),
  };
}

/** Usage of an answer, and its characters in case the usage is missing. */
export interface AnswerSize {
  readonly usage: Usage;
  readonly characters: number;
}

function estimateTokens(characters: number, messages: number, rate: number): number {
  return Math.ceil(characters / rate) + messages * tokensPerMessage;
}

export function charactersOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, message) => {
    const base = sum + (message.content?.length ?? 0);
    if (message.role !== 'assistant') return base;
    const calls = message.toolCalls.reduce(
      (length, call) => length + call.name.length + call.arguments.length,
      0,
    );
    return base + (message.thought?.text.length ?? 0) + calls;
  }, 0);
}
