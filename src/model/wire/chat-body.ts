import type { ChatMessage, ChatRequest } from '../chat-model.js';
import type { JsonTable } from '../../base/json-value.js';

/** A request body: the messages as JSON in UTF-8, each made once however often it is sent, and everything else. */
export interface WireBody {
  readonly messages: readonly Buffer[];
  readonly rest: JsonTable;
}

/** The body of a chat completion request, always streaming. */
export function chatBody(model: string, request: ChatRequest): WireBody {
  const { temperature, topP, seed, extra } = request.sampling;
  return {
    messages: request.messages.map(messageBytes),
    rest: {
      model,
      ...toolFields(request),
      max_tokens: request.maxTokens,
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { top_p: topP }),
      ...(seed === undefined ? {} : { seed }),
      ...extra,
      stream: true,
      stream_options: { include_usage: true },
    },
  };
}

/** The body of vLLM's /tokenize in its chat form: the same prompt, tools and template, no generation. */
export function tokenizeBody(model: string, request: ChatRequest): WireBody {
  const { tools } = toolFields(request);
  const kwargs = request.sampling.extra?.['chat_template_kwargs'];
  return {
    messages: request.messages.map(messageBytes),
    rest: {
      model,
      ...(tools === undefined ? {} : { tools }),
      ...(kwargs === undefined ? {} : { chat_template_kwargs: kwargs }),
      add_generation_prompt: true,
    },
  };
}

/** The bytes of a body. */
export function bodyBytes({ messages, rest }: WireBody): Buffer {
  const between = messages.flatMap((message, index) => (index === 0 ? [message] : [comma, message]));
  return Buffer.concat([opening, ...between, Buffer.from(`],${JSON.stringify(rest).slice(1)}`)]);
}

const opening = Buffer.from('{"messages":[');
const comma = Buffer.from(',');
const known = new WeakMap<ChatMessage, Buffer>();

function messageBytes(message: ChatMessage): Buffer {
  const bytes = known.get(message) ?? Buffer.from(JSON.stringify(wireMessage(message)));
  known.set(message, bytes);
  return bytes;
}

/**
 * A thought is sent under both names: vLLM from 0.16 on reads `reasoning`, older servers and others
 * `reasoning_content`; the one a server does not know it ignores.
 */
export function wireMessage(message: ChatMessage): JsonTable {
  switch (message.role) {
    case 'system':
    case 'user':
      return { role: message.role, content: message.content };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
    case 'assistant': {
      const thought = message.thought?.text;
      const calls = message.toolCalls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function',
        function: { name, arguments: text },
      }));
      return {
        role: 'assistant',
        content: message.content ?? (calls.length === 0 ? '' : null),
        ...(thought === undefined ? {} : { reasoning: thought, reasoning_content: thought }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      };
    }
  }
}

function toolFields(request: ChatRequest): {
  readonly tools?: readonly JsonTable[];
  readonly tool_choice?: 'auto';
} {
  if (request.tools.length === 0) return {};
  return { tools: request.tools.map((tool) => ({ type: 'function', function: tool })), tool_choice: 'auto' };
}
