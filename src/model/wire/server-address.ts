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
 * @throws InputError when it is not an http or https URL
 */
export function parseServerAddress(text: string, apiKey: string | null): ServerAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InputError(`--base-url ${text}: not an http or https URL`, {
      hint: 'Give it as http://HOST:PORT/v1.',
    });
  }
  const path = url.pathname.replace(/\/+$/, '');
  const basePath = path === '' ? '/v1' : path;
  return {
    baseUrl: `${url.origin}${basePath}`,
    rootUrl: `${url.origin}${basePath.replace(/\/v1$/, '')}`,
    apiKey,
  };
}

/** Headers of a request that does not go through the openai package. */
export function authHeaders(address: ServerAddress): Record<string, string> {
  return address.apiKey === null ? {} : { authorization: `Bearer ${address.apiKey}` };
}
