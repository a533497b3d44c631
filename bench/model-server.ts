import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chunksOf, readJsonBody, sendEvent, sendJson, startEvents } from '../src/model/replay/openai-http.js';

/**
 * A model server in a process of its own, so that its CPU time is not counted as ours. Answers every request with
 * the same 300 chunks; a request with `seed: 1` gets a stream that never ends, one chunk a second.
 */
const promptTokens = 48_000;
const identity = { id: 'bench', model: 'bench' };
const plain = chunksOf(
  {
    thought: { field: 'reasoning', text: 'I go' },
    content: 'THOUGHT: look.',
    toolCalls: [{ id: 'call_1', name: 'bash', arguments: '{"command":"ls -la"}' }],
    finishReason: 'tool_calls',
    promptTokens,
    completionTokens: 300,
  },
  identity,
);
/** One chunk a token, as vLLM sends them. */
const chunks = plain.flatMap((chunk, index) =>
  index === 1 ? Array.from({ length: 290 }, () => chunk) : [chunk],
);
const tokens = Array.from({ length: promptTokens }, (_, index) => 1000 + index);
let requests = 0;
let receivedBytes = 0;

const server = createServer((request, response) => {
  requests += request.method === 'POST' ? 1 : 0;
  receivedBytes += Number(request.headers['content-length'] ?? 0);
  if (request.url === '/v1/models') {
    sendJson(response, 200, { object: 'list', data: [{ id: 'bench', max_model_len: 262_144 }] });
    return;
  }
  void readJsonBody(request).then((body) => {
    if (request.url === '/tokenize')
      sendJson(response, 200, { count: promptTokens, max_model_len: 262_144, tokens });
    else if (body?.['seed'] === 1) dribble(response);
    else answer(response);
  });
});

function answer(response: ServerResponse): void {
  startEvents(response);
  for (const chunk of chunks) sendEvent(response, chunk);
  sendEvent(response, '[DONE]');
  response.end();
}

function dribble(response: ServerResponse): void {
  startEvents(response);
  const timer = setInterval(() => {
    const [, chunk] = chunks;
    if (chunk !== undefined) sendEvent(response, chunk);
  }, 1000);
  response.once('close', () => {
    clearInterval(timer);
  });
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('message', () => process.send?.({ requests, receivedBytes }));
process.on('disconnect', () => process.exit(0));
