import type { ChatReply, Thought, Usage } from '../chat-model.js';
import { listOf, tableOf, textOf, type JsonTable } from '../../base/json-value.js';
import { CallCollector } from './call-collector.js';
import { readUsage } from './usage.js';

/** What a server answered, without our own measurements. */
export type RawReply = Pick<ChatReply, 'content' | 'thought' | 'toolCalls' | 'finishReason' | 'usage'>;

/** Puts the chunks of a streamed chat completion together; empty content counts as none. */
export class ReplyCollector {
  private content: string | null = null;
  private thought: Thought | null = null;
  private readonly calls = new CallCollector();
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
    this.finishReason = finishReasonOf(choice['finish_reason']) ?? this.finishReason;
    const delta = tableOf(choice['delta']) ?? tableOf(choice['message']);
    return delta !== null && this.addDelta(delta);
  }

  result(): RawReply {
    return {
      content: this.content === '' ? null : this.content,
      thought: this.thought,
      toolCalls: this.calls.result(),
      finishReason: this.finishReason,
      usage: this.usage,
    };
  }

  private addDelta(delta: JsonTable): boolean {
    const content = textOf(delta['content']);
    if (content !== null) this.content = (this.content ?? '') + content;
    const thought = this.addThought(delta);
    const calls = listOf(delta['tool_calls']);
    this.calls.add(calls);
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
}

/** Null while the answer goes on: some servers write that as an empty text or as the word. */
function finishReasonOf(value: unknown): string | null {
  const reason = textOf(value)?.trim() ?? '';
  return ['', 'null', 'none', 'undefined'].includes(reason.toLowerCase()) ? null : reason;
}
