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

/**
 * Not a regular expression: that would start anew at every quote of a string without end, in quadratic time. And in one
 * array of code units: a text of ten million line breaks would be as many small texts.
 */
function escapeControls(text: string): string {
  const inStrings = controlsInStrings(text);
  if (inStrings.length === 0) return text;
  const extra = inStrings.reduce((sum, at) => sum + (escapes[text.charCodeAt(at)]?.length ?? 1) - 1, 0);
  const units = new Uint16Array(text.length + extra);
  let [to, next] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inStrings[next] !== at) units[to++] = code;
    else {
      next += 1;
      for (const unit of escapes[code] ?? []) units[to++] = unit;
    }
  }
  return Buffer.from(units.buffer).toString('utf16le');
}

/** Where control characters stand in strings, those that a backslash escapes left out. */
function controlsInStrings(text: string): Uint32Array {
  const found = new Uint32Array(text.length);
  let count = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) inString = !inString;
    else if (!inString) continue;
    else if (code === backslash) at += 1;
    else if (code < firstPrintable) found[count++] = at;
  }
  return found.subarray(0, count);
}

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
/** What JSON writes for each of them, as code units. */
const escapes = Array.from({ length: firstPrintable }, (_, code) =>
  Array.from(JSON.stringify(String.fromCharCode(code)).slice(1, -1), (char) => char.charCodeAt(0)),
);
