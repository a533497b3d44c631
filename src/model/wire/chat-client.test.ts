import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FakeVllm } from '../../../test/doubles/vllm/fake-vllm.js';
import { engineDeadChunk, type Fault } from '../../../test/doubles/vllm/faults.js';
import { chatBody } from './chat-body.js';
import type { ChatRequest } from '../chat-model.js';
import { openChatClient, type SentReply } from './chat-client.js';
import { RequestFailure, type FailureFacts } from './request-failure.js';
import { parseServerAddress } from './server-address.js';

const request: ChatRequest = {
  messages: [
    { role: 'system', content: 'You work in a terminal.' },
    { role: 'user', content: 'List the files.' },
  ],
  tools: [{ name: 'bash', description: 'Run a command', parameters: { type: 'object' } }],
  sampling: { temperature: 0.7, topP: 0.95, extra: { top_k: 20 } },
  maxTokens: 1000,
};

let server: FakeVllm;
beforeEach(async () => {
  server = await FakeVllm.start({
    reply: () => ({ thought: 'I look.', content: 'Looking.', command: 'ls -la' }),
  });
});
afterEach(async () => {
  await server.stop();
});

async function send(
  options: { idleTimeoutMs?: number; signal?: AbortSignal; apiKey?: string } = {},
): Promise<SentReply> {
  const address = parseServerAddress(server.baseUrl, options.apiKey ?? null);
  return openChatClient(address).send(chatBody('qwen', request), {
    headers: { 'x-tbench-trial': 'task__1' },
    idleTimeoutMs: options.idleTimeoutMs ?? 5000,
    signal: options.signal ?? new AbortController().signal,
  });
}

async function factsOf(fault: Fault, idleTimeoutMs = 5000): Promise<FailureFacts> {
  server.inject(fault);
  const error: unknown = await send({ idleTimeoutMs }).catch((reason: unknown) => reason);
  if (!(error instanceof RequestFailure)) throw new Error('expected a failed request', { cause: error });
  return error.facts;
}

describe('one chat request', () => {
  it('streams and puts thought, content, calls and usage together', async () => {
    const reply = await send();
    expect(reply).toMatchObject({
      content: 'Looking.',
      thought: { field: 'reasoning', text: 'I look.' },
      toolCalls: [{ name: 'bash', arguments: '{"command":"ls -la"}', recovered: false }],
      finishReason: 'tool_calls',
    });
    expect(reply.usage.promptTokens).toBe(server.requests[0]?.promptTokens);
    expect(reply.usage.completionTokens).toBeGreaterThan(5);
    expect(reply.firstTokenMs).toBeLessThanOrEqual(reply.totalMs);
  });

  it('asks for a stream with usage and passes sampling and headers on', async () => {
    await send();
    expect(server.requests[0]?.body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 1000,
      temperature: 0.7,
      top_p: 0.95,
      top_k: 20,
      tool_choice: 'auto',
    });
    expect(server.requests[0]?.headers['x-tbench-trial']).toBe('task__1');
  });

  it.each(['reasoning', 'reasoning_content'] as const)('reads a thought from the field %s', async (field) => {
    server.change({ parsers: { thoughtIn: field, parsesCalls: true, hidesTruncation: false } });
    expect((await send()).thought).toEqual({ field, text: 'I look.' });
  });

  it('leaves a thought in the content when the server does', async () => {
    server.change({ parsers: { thoughtIn: 'content', parsesCalls: true, hidesTruncation: false } });
    const reply = await send();
    expect(reply.thought).toBeNull();
    expect(reply.content).toBe('I look.\n</think>\n\nLooking.');
  });

  it('sends the key and reports a refusal whose body is a string', async () => {
    server.change({ apiKey: 'right' });
    expect((await send({ apiKey: 'right' })).content).toBe('Looking.');
    await expect(send({ apiKey: 'wrong' })).rejects.toMatchObject({
      facts: { kind: 'status', status: 401, body: '{"error":"Unauthorized"}' },
    });
  });

  it('keeps status, Retry-After and body of an error', async () => {
    const fault: Fault = { kind: 'status', status: 503, body: 'busy', headers: { 'retry-after': '7' } };
    expect(await factsOf(fault)).toEqual({
      kind: 'status',
      status: 503,
      retryAfterMs: 7000,
      body: 'busy',
    });
  });

  it('finds an error object inside a 200 stream', async () => {
    const fault: Fault = { kind: 'error-in-stream', body: engineDeadChunk, afterChunks: 2 };
    expect(await factsOf(fault)).toEqual({ kind: 'error-in-stream', body: engineDeadChunk });
  });

  it.each([
    ['a stream that ends without a finish reason', { kind: 'end-early', afterChunks: 3 }],
    ['a chunk that is not JSON', { kind: 'garbage-chunk' }],
  ] as const)('does not take %s for an answer', async (_, fault) => {
    expect((await factsOf(fault)).kind).toBe('protocol');
  });

  it.each([{ kind: 'drop-before' }, { kind: 'drop-in-stream', afterChunks: 2 }] as const)(
    'reports a dropped connection ($kind)',
    async (fault) => {
      expect(await factsOf(fault)).toMatchObject({ kind: 'connection', code: 'ECONNRESET' });
    },
  );

  it.each([
    ['hang-before', { kind: 'hang-before' }, false],
    ['hang-after-headers', { kind: 'hang-after-headers' }, false],
    ['hang-in-stream', { kind: 'hang-in-stream', afterChunks: 3 }, true],
  ] as const)('gives up on a server that is silent (%s)', async (_, fault, started) => {
    expect(await factsOf(fault, 60)).toEqual({ kind: 'idle', idleMs: 60, started });
  });

  it('does not mind a slow answer as long as tokens come', async () => {
    server.inject({ kind: 'slow', msPerChunk: 20 });
    const reply = await send({ idleTimeoutMs: 100 });
    expect(reply.totalMs).toBeGreaterThan(100);
    expect(reply.finishReason).toBe('tool_calls');
  });

  it('reports a server that is not there', async () => {
    await server.stop();
    await expect(send()).rejects.toMatchObject({ facts: { kind: 'connection', code: 'ECONNREFUSED' } });
  });

  it('closes the socket when it is cancelled, with the reason of the caller', async () => {
    server.inject({ kind: 'hang-in-stream', afterChunks: 3 });
    const cancel = new AbortController();
    const pending = send({ signal: cancel.signal });
    await expect.poll(() => server.running).toBe(1);
    cancel.abort(new Error('time is up'));
    await expect(pending).rejects.toThrow('time is up');
    await expect.poll(() => server.running).toBe(0);
  });
});
