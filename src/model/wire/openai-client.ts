import type { IncomingMessage } from 'node:http';
import OpenAI from 'openai';

import { bodyBytes, type WireBody } from './chat-body.js';
import { ReplyCollector, type RawReply } from './collect-reply.js';
import { connectionFailure, isOk, openHttp, readBody, statusFailure } from './http-fetch.js';
import { parseJson, tableOf, type JsonTable } from '../../base/json-value.js';
import { RequestFailure } from './request-failure.js';
import type { ServerAddress } from './server-address.js';
import { isErrorObject } from './server-error.js';
import { SseReader } from './sse.js';

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Longest silence of the server, before the first byte and between any two. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

export interface SentReply extends RawReply {
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

/** A reply longer than this is not a chat completion (16k tokens stream as about 4 MiB). */
const largestReplyBytes = 64 * 1024 * 1024;
const longestTimerMs = 2 ** 31 - 1;

/**
 * Sends one chat completion request through the openai package, one try, and reads the stream to its end.
 * Aborting `signal`, and every failure, closes the socket, so that the server stops generating.
 * @throws RequestFailure when the request failed, or the signal's reason
 */
export async function sendChat(
  address: ServerAddress,
  body: WireBody,
  options: SendOptions,
): Promise<SentReply> {
  using exchange = openExchange(options);
  const startedAt = performance.now();
  const { answer, sentBytes } = await post(address, body, options.headers, exchange);
  try {
    const { reply, firstTokenAt, receivedBytes } = await readAnswer(answer, exchange);
    return {
      ...reply,
      firstTokenMs: firstTokenAt === null ? null : firstTokenAt - startedAt,
      totalMs: performance.now() - startedAt,
      sentBytes,
      receivedBytes,
    };
  } finally {
    answer.destroy();
  }
}

/** The life of one request: its signal aborts with the caller's, or when the server is silent for too long. */
interface Exchange extends Disposable {
  readonly signal: AbortSignal;
  /** Restarts the idle timer. */
  heard(): void;
}

function openExchange({ idleTimeoutMs, signal }: SendOptions): Exchange {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  let started = false;
  const timer = setTimeout(
    () => controller.abort(new RequestFailure({ kind: 'idle', idleMs: idleTimeoutMs, started })),
    Math.min(idleTimeoutMs, longestTimerMs),
  );
  return {
    signal: controller.signal,
    heard: () => {
      started = true;
      timer.refresh();
    },
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

async function post(
  address: ServerAddress,
  body: WireBody,
  headers: Readonly<Record<string, string>>,
  { signal }: Exchange,
): Promise<{ answer: IncomingMessage; sentBytes: number }> {
  const bytes = bodyBytes(body);
  let outcome: { answer: IncomingMessage; sentBytes: number } | { failure: unknown } | null = null;
  const client = new OpenAI({
    baseURL: address.baseUrl,
    apiKey: address.apiKey ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: longestTimerMs,
    logLevel: 'off',
    fetch: async (url, init) => {
      try {
        const sent = Object.fromEntries(new Headers(init?.headers));
        const answer = await openHttp(urlText(url), { method: 'POST', headers: sent, body: bytes, signal });
        if (!isOk(answer)) throw await statusFailure(answer, signal);
        outcome = { answer, sentBytes: bytes.length };
        return new Response(null, { status: 200 });
      } catch (error) {
        outcome = { failure: error };
        throw error;
      }
    },
  });
  const settled = (): typeof outcome => outcome;
  try {
    await client
      .post('/chat/completions', {
        body: bytes,
        headers: { ...headers, 'content-type': 'application/json' },
        signal,
      })
      .asResponse();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const seen = settled();
    throw seen !== null && 'failure' in seen ? seen.failure : error;
  }
  const seen = settled();
  if (seen === null || 'failure' in seen) throw new Error('the openai package returned without sending');
  return seen;
}

interface ReadAnswer {
  readonly reply: RawReply;
  readonly firstTokenAt: number | null;
  readonly receivedBytes: number;
}

async function readAnswer(answer: IncomingMessage, exchange: Exchange): Promise<ReadAnswer> {
  const streamed = (answer.headers['content-type'] ?? '').includes('text/event-stream');
  return streamed ? readStream(answer, exchange) : readWhole(answer, exchange);
}

async function readStream(answer: IncomingMessage, exchange: Exchange): Promise<ReadAnswer> {
  const collector = new ReplyCollector();
  const sse = new SseReader();
  let firstTokenAt: number | null = null;
  let receivedBytes = 0;
  const take = (events: readonly string[]): void => {
    for (const event of events) {
      if (event !== '[DONE]' && collector.add(readChunk(event))) firstTokenAt ??= performance.now();
    }
  };
  try {
    for await (const bytes of answer as AsyncIterable<Buffer>) {
      exchange.heard();
      receivedBytes += bytes.length;
      if (receivedBytes > largestReplyBytes) throw tooLarge();
      take(sse.push(bytes));
    }
    take(sse.end());
  } catch (error) {
    // A complete answer is an answer, even when the server hangs up without the last chunk.
    if (!collector.finished || exchange.signal.aborted) throw streamFailure(error, exchange.signal);
  }
  if (!collector.finished) {
    throw new RequestFailure({ kind: 'protocol', message: 'the stream ended without a finish reason' });
  }
  return { reply: collector.result(), firstTokenAt, receivedBytes };
}

/** Some servers answer a streaming request with one JSON document. */
async function readWhole(answer: IncomingMessage, exchange: Exchange): Promise<ReadAnswer> {
  const text = await readBody(answer, largestReplyBytes, exchange.signal);
  const collector = new ReplyCollector();
  collector.add(readChunk(text));
  if (!collector.finished) {
    throw new RequestFailure({ kind: 'protocol', message: `not a chat completion: ${text.slice(0, 200)}` });
  }
  return { reply: collector.result(), firstTokenAt: null, receivedBytes: Buffer.byteLength(text) };
}

function readChunk(text: string): JsonTable {
  const value = parseJson(text);
  if (isErrorObject(value)) throw new RequestFailure({ kind: 'error-in-stream', body: text });
  const chunk = tableOf(value);
  if (chunk === null) {
    throw new RequestFailure({ kind: 'protocol', message: `not a JSON object: ${text.slice(0, 200)}` });
  }
  return chunk;
}

function streamFailure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof RangeError) return tooLarge();
  return error instanceof RequestFailure ? error : connectionFailure(error, 'the stream broke', signal);
}

function tooLarge(): RequestFailure {
  return new RequestFailure({ kind: 'protocol', message: 'the answer is larger than 64 MiB' });
}

function urlText(url: string | URL | Request): string {
  return url instanceof Request ? url.url : String(url);
}
