import { Readable } from 'node:stream';
import OpenAI, { APIConnectionError } from 'openai';

import { bodyBytes, type WireBody } from './chat-body.js';
import { watchForSilence, type SilenceLimits } from './watch-for-silence.js';
import { isOk, openHttp, statusFailure } from './open-http.js';
import { readAnswer } from './read-answer.js';
import type { RawReply } from './reply-collector.js';
import type { ServerAddress } from './server-address.js';

/** The chat API of one server. */
export interface ChatClient {
  readonly address: ServerAddress;
  /**
   * Sends one chat completion request, one try, and reads the answer to its end. Aborting the signal, and every
   * failure, closes the socket, so that the server stops generating.
   * @throws RequestFailure when the request failed, or the signal's reason
   */
  send(body: WireBody, options: RequestOptions): Promise<SentReply>;
}

export interface RequestOptions extends SilenceLimits {
  readonly headers: Readonly<Record<string, string>>;
}

export interface SentReply extends RawReply {
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  readonly sentBytes: number;
}

/**
 * The package's own time limit. setTimeout takes no longer one; silence is limited by `idleTimeoutMs` instead.
 */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Opens a server's chat API: one client of the openai package for all requests to it. What of the package is used,
 * and why its retries, its errors and its stream reader are not, is told in docs/decisions/openai.md.
 */
export function openChatClient(address: ServerAddress): ChatClient {
  const openai = new OpenAI({
    baseURL: address.baseUrl,
    apiKey: address.apiKey ?? 'none',
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: longestTimerMs,
    logLevel: 'off',
    fetch: fetchOverNode,
  });
  return {
    address,
    send: (body, options) => send(openai, body, options),
  };
}

async function send(openai: OpenAI, body: WireBody, options: RequestOptions): Promise<SentReply> {
  using watch = watchForSilence(options);
  const startedAt = performance.now();
  const bytes = bodyBytes(body);
  const headers = { ...options.headers, 'content-type': 'application/json' };
  const request = openai.post('/chat/completions', { body: bytes, headers, signal: watch.signal });
  const response = await request.asResponse().catch((error: unknown) => {
    throw watch.signal.aborted ? watch.signal.reason : ownErrorOf(error);
  });
  const { reply, firstTokenAt } = await readAnswer(response, watch);
  return {
    ...reply,
    firstTokenMs: firstTokenAt === null ? null : firstTokenAt - startedAt,
    totalMs: performance.now() - startedAt,
    sentBytes: bytes.length,
  };
}

/**
 * What the package calls in place of the global fetch. A response that is not 2xx is thrown here, because the package
 * reads such a body without bound and keeps nothing of vLLM's older error envelope.
 */
async function fetchOverNode(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const signal = init.signal ?? new AbortController().signal;
  try {
    const answer = await openHttp(url instanceof Request ? url.url : String(url), {
      method: 'POST',
      headers: Object.fromEntries(new Headers(init.headers)),
      // `send` hands over bytes, and the package passes them on as they are.
      body: init.body as Buffer,
      signal,
    });
    if (!isOk(answer)) throw await statusFailure(answer, signal);
    const headers = { 'content-type': answer.headers['content-type'] ?? '' };
    return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, { headers });
  } catch (error) {
    throw new FetchFailure(error);
  }
}

/**
 * Carries an error of ours through the package unread: the package searches the texts of an error and of its cause
 * for "timed out", and throws away both where it finds that.
 */
class FetchFailure extends Error {
  constructor(readonly own: unknown) {
    super('the request failed');
  }
}

function ownErrorOf(error: unknown): unknown {
  if (error instanceof APIConnectionError && error.cause instanceof FetchFailure) return error.cause.own;
  return error;
}
