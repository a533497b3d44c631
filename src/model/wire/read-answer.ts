import { listOf, parseJson, tableOf, type JsonTable } from '../../base/json-value.js';
import type { SilenceWatch } from './watch-for-silence.js';
import { connectionFailure, readBody } from './open-http.js';
import { ReplyCollector, type RawReply } from './reply-collector.js';
import { RequestFailure } from './request-failure.js';
import { isErrorObject } from './server-error.js';
import { SseReader } from './sse-reader.js';

export interface ReadAnswer {
  readonly reply: RawReply;
  /** On the monotonic clock; null when the answer did not come as a stream, or held no text. */
  readonly firstTokenAt: number | null;
}

/** A reply longer than this is not a chat completion (16k tokens stream as about 4 MiB). */
const largestReplyBytes = 64 * 1024 * 1024;

/**
 * Reads the body of a 200 to its end.
 * @throws RequestFailure when it is no whole chat completion, or the signal's reason
 */
export async function readAnswer(response: Response, watch: SilenceWatch): Promise<ReadAnswer> {
  const body = response.body as AsyncIterable<Uint8Array> | null;
  if (body === null) throw protocolFailure('the answer has no body');
  const streamed = (response.headers.get('content-type') ?? '').includes('text/event-stream');
  return streamed ? readStream(body, watch) : readWhole(body, watch);
}

async function readStream(body: AsyncIterable<Uint8Array>, watch: SilenceWatch): Promise<ReadAnswer> {
  const collector = new ReplyCollector();
  const sse = new SseReader();
  let firstTokenAt: number | null = null;
  let receivedBytes = 0;
  const take = (events: readonly string[]): void => {
    for (const event of events) {
      if (event === '[DONE]') continue;
      const chunk = readChunk(event);
      if (collector.add(chunk)) firstTokenAt ??= performance.now();
      if (isSaid(chunk)) watch.heard();
    }
  };
  try {
    for await (const bytes of body) {
      receivedBytes += bytes.length;
      if (receivedBytes > largestReplyBytes) throw tooLarge();
      const events = sse.push(bytes);
      if (sse.inEvent) watch.heard();
      take(events);
    }
    take(sse.end());
  } catch (error) {
    // A complete answer is an answer, even when the server hangs up without the last chunk.
    if (!collector.finished || watch.signal.aborted) throw streamFailure(error, watch.signal);
  }
  if (!collector.finished) throw protocolFailure('the stream ended without a finish reason');
  return { reply: wholeReply(collector), firstTokenAt };
}

/**
 * Whether a chunk has a piece of an answer. Comments and chunks of nothing keep a connection open; they do not show that
 * anybody works on it.
 */
function isSaid(chunk: JsonTable): boolean {
  const choice = tableOf(listOf(chunk['choices'])[0]) ?? {};
  const delta = tableOf(choice['delta']) ?? tableOf(choice['message']) ?? {};
  return Object.entries(delta).some(
    ([key, value]) => key !== 'role' && value !== null && value !== '' && listOf([value].flat()).length > 0,
  );
}

/** Finish reasons by which a server says that it gave the answer up: what came of it is not what the model meant. */
const givenUp = /^(?:abort(?:ed)?|error|server_error|cancell?ed|timeout)$/i;

function wholeReply(collector: ReplyCollector): RawReply {
  const reply = collector.result();
  if (reply.finishReason !== null && givenUp.test(reply.finishReason))
    throw protocolFailure(`the server gave the answer up: finish_reason "${reply.finishReason}"`);
  return reply;
}

/** Some servers answer a streaming request with one JSON document. */
async function readWhole(body: AsyncIterable<Uint8Array>, { signal }: SilenceWatch): Promise<ReadAnswer> {
  const text = await readBody(body, largestReplyBytes, signal);
  const collector = new ReplyCollector();
  collector.add(readChunk(text));
  if (!collector.finished) throw protocolFailure(`not a chat completion: ${text.slice(0, 200)}`);
  return { reply: wholeReply(collector), firstTokenAt: null };
}

function readChunk(text: string): JsonTable {
  const value = parseJson(text);
  if (isErrorObject(value)) throw new RequestFailure({ kind: 'error-in-stream', body: text });
  const chunk = tableOf(value);
  if (chunk === null) throw protocolFailure(`not a JSON object: ${text.slice(0, 200)}`);
  return chunk;
}

function streamFailure(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof RangeError) return tooLarge();
  return error instanceof RequestFailure ? error : connectionFailure(error, 'the stream broke', signal);
}

function tooLarge(): RequestFailure {
  return protocolFailure('the answer is larger than 64 MiB');
}

function protocolFailure(message: string): RequestFailure {
  return new RequestFailure({ kind: 'protocol', message });
}
