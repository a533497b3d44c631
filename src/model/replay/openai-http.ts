import type { IncomingMessage, ServerResponse } from 'node:http';

import { parseJson, tableOf, type JsonTable } from '../../base/json-value.js';

/** An answer in the terms of the OpenAI chat API, before it is cut into chunks. */
export interface WireAnswer {
  readonly thought: { readonly field: 'reasoning' | 'reasoning_content'; readonly text: string } | null;
  readonly content: string | null;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly finishReason: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface WireIdentity {
  readonly id: string;
  readonly model: string;
}

const largestRequestBytes = 64 * 1024 * 1024;

/** The chunks of a streamed answer in the order vLLM sends them, the usage chunk last, without `[DONE]`. */
export function chunksOf(answer: WireAnswer, { id, model }: WireIdentity): readonly JsonTable[] {
  const chunk = (delta: JsonTable, finishReason: string | null = null): JsonTable => ({
    id,
    object: 'chat.completion.chunk',
    created: 0,
    model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  });
  return [
    chunk({ role: 'assistant', content: '' }),
    ...(answer.thought === null
      ? []
      : pieces(answer.thought.text).map((text) => chunk({ [answer.thought?.field ?? 'reasoning']: text }))),
    ...pieces(answer.content ?? '').map((text) => chunk({ content: text })),
    ...answer.toolCalls.flatMap((call, index) => [
      chunk({
        tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }],
      }),
      ...pieces(call.arguments).map((text) =>
        chunk({ tool_calls: [{ index, function: { arguments: text } }] }),
      ),
    ]),
    chunk({}, answer.finishReason),
    { id, object: 'chat.completion.chunk', created: 0, model, choices: [], usage: usageOf(answer) },
  ];
}

/** The same answer as one document, for a request without `stream`. */
export function completionOf(answer: WireAnswer, { id, model }: WireIdentity): JsonTable {
  const calls = answer.toolCalls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  const message = {
    role: 'assistant',
    content: answer.content,
    ...(answer.thought === null ? {} : { [answer.thought.field]: answer.thought.text }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: answer.finishReason }],
    usage: usageOf(answer),
  };
}

/** vLLM's error envelope since about 0.10. */
export function errorEnvelope(
  status: number,
  type: string,
  message: string,
  param: string | null = null,
): JsonTable {
  return { error: { message, type, param, code: status } };
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** Opens an event stream; follow with `sendEvent` and close with `response.end()`. */
export function startEvents(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
}

export function sendEvent(response: ServerResponse, value: JsonTable | '[DONE]'): void {
  response.write(`data: ${value === '[DONE]' ? value : JSON.stringify(value)}\n\n`);
}

/** The JSON body of a request, or null when it is too large or not a JSON object. */
export async function readJsonBody(request: IncomingMessage): Promise<JsonTable | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestRequestBytes) return null;
    chunks.push(chunk);
  }
  return tableOf(parseJson(Buffer.concat(chunks).toString('utf8')));
}

function usageOf(answer: WireAnswer): JsonTable {
  const { promptTokens, completionTokens } = answer;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: null,
  };
}

/** Pieces of a few characters, never cutting a surrogate pair. */
function pieces(text: string): readonly string[] {
  return text.match(/[^]{1,24}(?![\uDC00-\uDFFF])|[^]{1,25}/g) ?? [];
}
