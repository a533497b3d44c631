import { parseJson, tableOf, textOf } from '../../base/json-value.js';

/** The fields of an error body, whichever envelope it came in; null where the server does not say. */
export interface ServerError {
  readonly message: string;
  readonly type: string | null;
  readonly param: string | null;
  readonly code: number | null;
}

const longestMessage = 2000;

/**
 * Reads an error body: `{"error": {...}}` (vLLM since about 0.10), the same fields at top level with
 * `"object": "error"` (before), `{"error": "text"}`, FastAPI's `{"detail": ...}`, plain text, or nothing.
 */
export function readServerError(body: string): ServerError {
  const parsed = parseJson(body);
  const table = tableOf(parsed);
  if (table === null) return plain(textOf(parsed) ?? body);
  const inner = table['error'] ?? table['detail'] ?? table;
  if (typeof inner === 'string') return plain(inner);
  const fields = tableOf(inner) ?? {};
  return {
    message: clip(textOf(fields['message']) ?? body),
    type: textOf(fields['type']),
    param: textOf(fields['param']),
    code: codeOf(fields['code']),
  };
}

/** True when a JSON value is an error object in either envelope rather than a chunk or a completion. */
export function isErrorObject(value: unknown): boolean {
  const table = tableOf(value);
  if (table === null) return false;
  return table['object'] === 'error' || (table['error'] !== undefined && table['error'] !== null);
}

function plain(text: string): ServerError {
  return { message: clip(text.trim()), type: null, param: null, code: null };
}

function clip(text: string): string {
  return text.length <= longestMessage ? text : `${text.slice(0, longestMessage)} ...`;
}

function codeOf(value: unknown): number | null {
  const code = typeof value === 'string' ? Number(value) : value;
  return typeof code === 'number' && Number.isInteger(code) ? code : null;
}
