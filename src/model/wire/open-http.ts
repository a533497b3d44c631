import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { TextDecoder } from 'node:util';

import { parseRetryAfter, RequestFailure } from './request-failure.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** As bytes: Node would glue a text to the headers and encode both again. */
  readonly body?: Buffer;
  /** Aborting closes the socket and rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

const largestErrorBytes = 64 * 1024;

/**
 * Sends a request on a socket of its own and returns when the headers are there. Unlike the global fetch it has
 * no hidden 300 s limits, hands the body over as a plain Node stream (a web stream costs ten times the CPU a
 * chunk), and never meets a kept-alive socket that the server has just closed.
 * @throws RequestFailure `connection` when no response came
 */
export async function openHttp(url: string, options: HttpRequest): Promise<IncomingMessage> {
  options.signal.throwIfAborted();
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, 'accept-encoding': 'identity', connection: 'close' };
    const request = send(url, { method: options.method, headers, signal: options.signal, agent: false });
    request.once('response', resolve);
    request.on('error', (error) => reject(connectionFailure(error, url, options.signal)));
    request.end(options.body);
  });
}

/** Reads a body as text, keeping at most `maxBytes` of it. */
export async function readBody(
  message: AsyncIterable<Uint8Array>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of message) {
      bytes += chunk.length;
      text += decoder.decode(chunk.subarray(0, Math.max(0, chunk.length - (bytes - maxBytes))), {
        stream: true,
      });
      if (bytes >= maxBytes) break;
    }
  } catch (error) {
    throw connectionFailure(error, 'the response', signal);
  }
  return text + decoder.decode();
}

/** The failure of a response that is not 2xx, with its body bounded. */
export async function statusFailure(message: IncomingMessage, signal: AbortSignal): Promise<RequestFailure> {
  const body = await readBody(message, largestErrorBytes, signal);
  const retryAfterMs = parseRetryAfter(message.headers['retry-after']);
  return new RequestFailure({ kind: 'status', status: message.statusCode ?? 0, retryAfterMs, body });
}

/** True for 2xx. */
export function isOk(message: IncomingMessage): boolean {
  return message.statusCode !== undefined && message.statusCode >= 200 && message.statusCode < 300;
}

/** A socket error as evidence, or the signal's reason when it was our own abort. */
export function connectionFailure(error: unknown, what: string, signal: AbortSignal): Error {
  if (signal.aborted) return asError(signal.reason);
  if (!(error instanceof Error)) return asError(error);
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code =
    first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : null;
  const detail = first instanceof Error ? first.message : error.message;
  return new RequestFailure({ kind: 'connection', code, message: `${what}: ${detail}` }, error);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
