import type { ChatReply, Thought, ToolCall, Usage } from '../chat-model.js';
import { listOf, numberOf, tableOf, textOf, type JsonTable } from '../../base/json-value.js';

/** What a server answered, without our own measurements. */
export type RawReply = Pick<ChatReply, 'content' | 'thought' | 'toolCalls' | 'finishReason' | 'usage'>;

interface PartialCall {
  id: string | null;
  name: string;
  arguments: string;
}

/** Puts the chunks of a streamed chat completion together; empty content counts as none. */
export class ReplyCollector {
  private content: string | null = null;
  private thought: Thought | null = null;
  private readonly calls = new Map<number, PartialCall>();
  private finishReason: string | null = null;
  private usage: Usage = {
    promptTokens: null,
    completionTokens: null,
    cachedTokens: null,
    reasoningTokens: null,
  };

  /** True once the server said why it stopped: the answer is complete. */
  get finished(): boolean {
    return this.finishReason !== null;
  }

  /** Takes one chunk, or a whole completion; returns true when it carried text of the model. */
  add(chunk: JsonTable): boolean {
    const usage = tableOf(chunk['usage']);
    if (usage !== null) this.usage = readUsage(usage);
    const choice = tableOf(listOf(chunk['choices'])[0]);
    if (choice === null) return false;
    this.finishReason = textOf(choice['finish_reason']) ?? this.finishReason;
    const delta = tableOf(choice['delta']) ?? tableOf(choice['message']);
    return delta !== null && this.addDelta(delta);
  }

  result(): RawReply {
    const toolCalls = [...this.calls.entries()]
      .sort(([a], [b]) => a - b)
      .map(([index, call]) => finishCall(index, call));
    return {
      content: this.content === '' ? null : this.content,
      thought: this.thought,
      toolCalls,
      finishReason: this.finishReason,
      usage: this.usage,
    };
  }

  private addDelta(delta: JsonTable): boolean {
    const content = textOf(delta['content']);
    if (content !== null) this.content = (this.content ?? '') + content;
    const thought = this.addThought(delta);
    const calls = listOf(delta['tool_calls']);
    for (const call of calls) this.addCall(tableOf(call) ?? {});
    return (content !== null && content !== '') || thought || calls.length > 0;
  }

  /** Some versions send a thought under both names; the first name seen is the one that counts. */
  private addThought(delta: JsonTable): boolean {
    const field =
      this.thought?.field ?? (textOf(delta['reasoning']) === null ? 'reasoning_content' : 'reasoning');
    const text = textOf(delta[field]);
    if (text === null || text === '') return false;
    this.thought = { field, text: (this.thought?.text ?? '') + text };
    return true;
  }

  private addCall(piece: JsonTable): void {
    const index = numberOf(piece['index']) ?? this.calls.size;
    const call = this.calls.get(index) ?? { id: null, name: '', arguments: '' };
    this.calls.set(index, call);
    const wanted = tableOf(piece['function']) ?? {};
    call.id ??= textOf(piece['id']);
    if (call.name === '') call.name = textOf(wanted['name']) ?? '';
    const text = wanted['arguments'];
    call.arguments += typeof text === 'object' && text !== null ? JSON.stringify(text) : (textOf(text) ?? '');
  }
}

function finishCall(index: number, call: PartialCall): ToolCall {
  const id = call.id === null || call.id === '' ? `call_${index}` : call.id;
  return { id, name: call.name, arguments: call.arguments, recovered: false };
}

function readUsage(usage: JsonTable): Usage {
  return {
    promptTokens: numberOf(usage['prompt_tokens']),
    completionTokens: numberOf(usage['completion_tokens']),
    cachedTokens: numberOf(tableOf(usage['prompt_tokens_details'])?.['cached_tokens']),
    reasoningTokens: numberOf(tableOf(usage['completion_tokens_details'])?.['reasoning_tokens']),
  };
}
