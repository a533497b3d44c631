import { openDeadline } from '../../base/deadline.js';
import { bodyBytes, type WireBody } from './chat-body.js';
import { connectionFailure, isOk, openHttp, statusFailure } from './open-http.js';
import { numberOf, parseJson, tableOf } from '../../base/json-value.js';
import { believedTokens } from './usage.js';
import { RequestFailure } from './request-failure.js';
import { authHeaders, type ServerAddress } from './server-address.js';

const largestAnswerBytes = 16 * 1024 * 1024;

/** The count stands at the beginning, or in an answer of another server that is read whole. */
const longestHead = 200;

export interface CountRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for the count; counting 64k tokens takes a fraction of a second. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks vLLM's /tokenize for the size of a prompt (`body` from `tokenizeBody`). Null when the answer holds no
 * count. The answer lists every token after the count; it is not waited for.
 * @throws RequestFailure when the request failed or took too long
 */
export function countPromptTokens(
  address: ServerAddress,
  body: WireBody,
  request: CountRequest,
): Promise<number | null> {
  return countWithin(address, bodyBytes(body), request);
}

/** The size of a text by itself; otherwise as `countPromptTokens`. */
export function countTokensOf(
  address: ServerAddress,
  { model, text }: { readonly model: string; readonly text: string },
  request: CountRequest,
): Promise<number | null> {
  const body = JSON.stringify({ model, prompt: text, add_special_tokens: false });
  return countWithin(address, Buffer.from(body), request);
}

async function countWithin(
  address: ServerAddress,
  body: Buffer,
  request: CountRequest,
): Promise<number | null> {
  using deadline = openDeadline(request.timeoutMs, request.signal);
  try {
    return await count(address, body, { headers: request.headers, signal: deadline.signal });
  } catch (error) {
    request.signal.throwIfAborted();
    if (!deadline.signal.aborted) throw error;
    throw new RequestFailure({ kind: 'idle', idleMs: request.timeoutMs, started: false });
  }
}

async function count(
  address: ServerAddress,
  body: Buffer,
  { headers, signal }: Pick<CountRequest, 'headers' | 'signal'>,
): Promise<number | null> {
  const answer = await openHttp(`${address.rootUrl}/tokenize`, {
    method: 'POST',
    headers: { ...authHeaders(address), ...headers, 'content-type': 'application/json' },
    body,
    signal,
  });
  if (!isOk(answer)) throw await statusFailure(answer, signal);
  let text = '';
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const before = text.length;
      text += chunk.toString('latin1');
      const early = before > longestHead ? null : /^\s*\{\s*"count"\s*:\s*(\d+)\s*[,}]/.exec(text);
      if (early !== null) return believedTokens(Number(early[1]));
      if (text.length > largestAnswerBytes) return null;
    }
  } catch (error) {
    throw connectionFailure(error, 'the answer of /tokenize', signal);
  } finally {
    answer.destroy();
  }
  return believedTokens(numberOf(tableOf(parseJson(text))?.['count']));
}
