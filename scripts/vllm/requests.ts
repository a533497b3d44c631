/**
 * The requests that drew the bodies of test/fixtures/model-server-bodies.json from a real vLLM, by their names there. Not
 * among them: how many characters are too many for a context depends on the longest token, and ours has thousands.
 */
export interface RecordedRequest {
  readonly path: string;
  readonly method?: 'GET';
  readonly body?: string;
}

const user = [{ role: 'user', content: 'hi' }];
const chatPath = '/v1/chat/completions';

function chat(change: Record<string, unknown>): RecordedRequest {
  const body = { model: 'calibration:candle', messages: user, max_tokens: 8, temperature: 0.7, ...change };
  return { path: chatPath, body: JSON.stringify(body) };
}

export const recordedRequests: Readonly<Record<string, RecordedRequest>> = {
  'tokenize unknown model': { path: '/tokenize', body: JSON.stringify({ model: 'nope', messages: user }) },
  'prompt too long': chat({ messages: [{ role: 'user', content: 'hello world '.repeat(60_000) }] }),
  'max_tokens too large stream': chat({ max_tokens: 70_000, stream: true }),
  'max_tokens 0': chat({ max_tokens: 0 }),
  'max_tokens -1': chat({ max_tokens: -1 }),
  'bad tool schema (not object)': chat({
    tools: [{ type: 'function', function: { description: 'no name' } }],
  }),
  'no user message (template raise)': chat({ messages: [{ role: 'system', content: 's' }] }),
  'system in the middle': chat({ messages: [...user, { role: 'system', content: 's' }, ...user] }),
  'empty messages': chat({ messages: [] }),
  'body not JSON': { path: chatPath, body: '{"model": ' },
  'messages missing': { path: chatPath, body: JSON.stringify({ model: 'calibration:candle' }) },
  'temperature out of range': chat({ temperature: -3 }),
  'lone surrogate': {
    path: chatPath,
    body: String.raw`{"model": "calibration:candle", "max_tokens": 2, "messages": [{"role":"user","content":"a\ud83d b"}]}`,
  },
  'GET on chat': { path: chatPath, method: 'GET' },
  '404 path': { path: '/v1/nope', body: '{}' },
};
