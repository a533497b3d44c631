import { InputError } from '../../base/errors.js';

/** Where a model server is and how to identify ourselves to it. */
export interface ServerAddress {
  /** The OpenAI-compatible API, usually ending in /v1; no trailing slash. */
  readonly baseUrl: string;
  /** The server itself, where vLLM has /health, /tokenize and /metrics. */
  readonly rootUrl: string;
  readonly apiKey: string | null;
}

/**
 * Reads a --base-url. A URL without a path gets /v1.
 * @throws InputError when it is not an http or https URL, has parts that no request would carry (credentials, a query),
 * or when the key cannot stand in a header
 */
export function parseServerAddress(text: string, apiKey: string | null): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InputError(`--base-url ${withoutCredentials(text)}: not an http or https URL`, {
      hint: 'Give it as http://HOST:PORT/v1.',
    });
  }
  requireNothingDropped(url);
  if (apiKey !== null) requireHeaderText(apiKey);
  const path = url.pathname.replace(/\/+$/, '');
  const basePath = path === '' ? '/v1' : path;
  return {
    baseUrl: `${url.origin}${basePath}`,
    rootUrl: `${url.origin}${basePath.replace(/\/v1$/, '')}`,
    apiKey,
  };
}

/** Credentials and query would be lost on the way to /health, /tokenize and the rest: better said than dropped. */
function requireNothingDropped(url: URL): void {
  const shown = `--base-url ${url.origin}${url.pathname}`;
  if (url.username !== '' || url.password !== '')
    throw new InputError(`${shown}: the user name and password in front of the host are not used`, {
      hint: 'Leave them out and give the key in OPENAI_API_KEY, which is sent as a bearer token.',
    });
  if (url.search !== '' || url.hash !== '')
    throw new InputError(`${shown}: what follows ${url.search === '' ? '#' : '?'} in it is not used`, {
      hint: 'Give it as http://HOST:PORT/v1; a server that needs a query needs a proxy in front that adds it.',
    });
}

/** Node refuses such a header without naming it, and the key itself must not be shown. */
function requireHeaderText(apiKey: string): void {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(apiKey) && apiKey.trim() === apiKey) return;
  const where = /[\r\n]$/.test(apiKey)
    ? 'ends in a line break'
    : 'holds a character that no HTTP header takes';
  throw new InputError(`OPENAI_API_KEY ${where}`, {
    hint: 'Set it without, for example: export OPENAI_API_KEY="$(tr -d \'[:space:]\' < key-file)"',
  });
}

function withoutCredentials(text: string): string {
  return text.replace(/^.*@/s, '...@');
}

/** Headers of a request that does not go through the openai package. */
export function authHeaders(address: ServerAddress): Record<string, string> {
  return address.apiKey === null ? {} : { authorization: `Bearer ${address.apiKey}` };
}
