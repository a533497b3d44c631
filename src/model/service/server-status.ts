import { openDeadline } from '../../base/deadline.js';
import { isOk, openHttp, readBody, statusFailure } from '../wire/open-http.js';
import { listOf, numberOf, parseJson, tableOf, textOf, type JsonTable } from '../../base/json-value.js';
import { parseServerLoad, type ServerLoad } from './metrics.js';
import { RequestFailure, type FailureFacts } from '../wire/request-failure.js';
import { believedTokens } from '../wire/usage.js';
import { authHeaders, type ServerAddress } from '../wire/server-address.js';

const largestAnswerBytes = 16 * 1024 * 1024;

/** A model a server serves. */
export interface ModelCard {
  readonly id: string;
  readonly root: string | null;
  readonly maxModelLen: number | null;
}

/** `down` is certain: nobody answers (`status` null) or the server says so. `unknown` is silence. */
export type Health =
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly status: number }
  | { readonly state: 'down'; readonly status: null; readonly failure: FailureFacts }
  | { readonly state: 'unknown' };

/** Asks /health, or /v1/models where that is missing or guarded. */
export async function getHealth(
  address: ServerAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Health> {
  using deadline = openDeadline(timeoutMs, signal);
  try {
    const status = await getStatus(`${address.rootUrl}/health`, address, deadline.signal);
    if (status < 300) return { state: 'up' };
    if (status >= 500) return { state: 'down', status };
    const listing = await getStatus(`${address.baseUrl}/models`, address, deadline.signal);
    return listing < 500 ? { state: 'up' } : { state: 'down', status: listing };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RequestFailure)) return { state: 'unknown' };
    return { state: 'down', status: null, failure: error.facts };
  }
}

/** The models a server lists. Throws RequestFailure. */
export async function listModels(address: ServerAddress, signal: AbortSignal): Promise<readonly ModelCard[]> {
  const answer = await getJson(`${address.baseUrl}/models`, address, signal);
  return listOf(answer['data']).flatMap((entry) => {
    const card = tableOf(entry);
    const id = textOf(card?.['id']);
    if (card === null || id === null) return [];
    return [{ id, root: textOf(card['root']), maxModelLen: contextOf(card) }];
  });
}

/** The version that a server tells of itself; null where it tells none. */
export async function getVersion(address: ServerAddress, signal: AbortSignal): Promise<string | null> {
  const answer = await getJson(`${address.rootUrl}/version`, address, signal).catch(() => null);
  return textOf(answer?.['version'])?.slice(0, 100) ?? null;
}

/** vLLM names it on the card, llama.cpp (the context of a slot) in its `meta`. */
function contextOf(card: JsonTable): number | null {
  return believedTokens(numberOf(card['max_model_len']) ?? numberOf(tableOf(card['meta'])?.['n_ctx']));
}

/** The server's load, or null when it has no vLLM metrics. */
export async function getServerLoad(
  address: ServerAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ServerLoad | null> {
  using deadline = openDeadline(timeoutMs, signal);
  try {
    return parseServerLoad(await getText(`${address.rootUrl}/metrics`, address, deadline.signal));
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

/** GETs a JSON document. Throws RequestFailure, also when the answer is not a JSON object. */
export async function getJson(url: string, address: ServerAddress, signal: AbortSignal): Promise<JsonTable> {
  const text = await getText(url, address, signal);
  const table = tableOf(parseJson(text));
  if (table === null) {
    throw new RequestFailure({
      kind: 'protocol',
      message: `${url} did not answer with JSON: ${text.slice(0, 200)}`,
    });
  }
  return table;
}

async function getText(url: string, address: ServerAddress, signal: AbortSignal): Promise<string> {
  const answer = await openHttp(url, { method: 'GET', headers: authHeaders(address), signal });
  if (!isOk(answer)) throw await statusFailure(answer, signal);
  return readBody(answer, largestAnswerBytes, signal);
}

async function getStatus(url: string, address: ServerAddress, signal: AbortSignal): Promise<number> {
  const answer = await openHttp(url, { method: 'GET', headers: authHeaders(address), signal });
  answer.destroy();
  return answer.statusCode ?? 0;
}
