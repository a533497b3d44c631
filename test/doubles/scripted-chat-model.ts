import { sleep } from '../../src/base/deadline.js';
import type {
  ChatModel,
  ChatReply,
  ChatRequest,
  ModelService,
  TokenCount,
  ToolCall,
} from '../../src/model/chat-model.js';

/** What the scripted model answers: a reply, an error to throw, or never. */
export type Script = readonly (Partial<ChatReply> | Error | 'hang')[];

/** A model service in memory that answers from a script and keeps every request it was sent. */
export interface ScriptedModels extends ModelService {
  readonly requests: ChatRequest[];
}

export interface ScriptOptions {
  readonly maxModelLen?: number;
  /** The tokenizer endpoint; absent is a server without one. */
  readonly count?: (request: ChatRequest) => TokenCount;
}

/** Usage defaults to 100 prompt and 10 completion tokens; past its end the script repeats its last answer. */
export function scriptedModels(script: Script, options: ScriptOptions = {}): ScriptedModels {
  const requests: ChatRequest[] = [];
  const model: ChatModel = {
    name: 'scripted',
    maxModelLen: options.maxModelLen ?? null,
    countTokens: async (request) => options.count?.(request) ?? null,
    async complete(request, { clock }) {
      clock.signal.throwIfAborted();
      requests.push(request);
      const answer = script[requests.length - 1] ?? script.at(-1) ?? 'hang';
      if (answer === 'hang') await sleep(60_000, clock.signal);
      if (answer instanceof Error) throw answer;
      return { ...emptyReply, ...(answer === 'hang' ? {} : answer) };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return {
    name: 'scripted',
    kind: 'scripted',
    requests,
    openTrial: async () => model,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** A bash call as a server hands it over. */
export function bashCall(command: string, id = 'call_a'): ToolCall {
  return { id, name: 'bash', arguments: JSON.stringify({ command }), recovered: false };
}

export const emptyReply: ChatReply = {
  content: '',
  thought: null,
  toolCalls: [],
  finishReason: 'tool_calls',
  usage: { promptTokens: 100, completionTokens: 10, cachedTokens: null, reasoningTokens: null },
  timing: { queueMs: 0, firstTokenMs: 1, totalMs: 2 },
  retries: [],
  baseUrl: 'http://127.0.0.1:1/v1',
};
