import { parseJson } from '../../base/json-value.js';

/**
 * The end (exclusive) of the JSON object or array that starts at `start`, string-aware; null when the text ends at
 * `to` first, or nests deeper than any call does.
 */
export function jsonEnd(text: string, start: number, to: number): number | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < to; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
      continue;
    }
    if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth === 0) return at + 1;
    if (depth > deepest) return null;
  }
  return null;
}

const deepest = 500;

/** The end (exclusive) of the JSON string that starts with the quote at `start`; null when it is not closed. */
export function stringEnd(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return null;
}

/** Parses JSON as models write it: real line breaks and tabs inside strings are let through. */
export function parseLooseJson(text: string): unknown {
  const value = parseJson(text);
  if (value !== undefined) return value;
  const escaped = escapeControls(text);
  return escaped === text ? undefined : parseJson(escaped);
}

/** Not a regular expression: that would start anew at every quote of a string without end, in quadratic time. */
function escapeControls(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) inString = !inString;
    else if (!inString) continue;
    else if (code === backslash) at += 1;
    else if (code < firstPrintable) {
      parts.push(text.slice(copied, at), escapes[code] ?? '');
      copied = at + 1;
    }
  }
  return parts.join('') + text.slice(copied);
}

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const escapes = Array.from({ length: firstPrintable }, (_, code) =>
  JSON.stringify(String.fromCharCode(code)).slice(1, -1),
);
