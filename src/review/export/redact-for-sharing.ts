import type { Redact } from '../../results/redact.js';

/**
 * Removes from an export what tells of people and machines: home folders, e-mail addresses, host names in URLs,
 * IP addresses, and strings shaped like keys. Unlike the redactor of running jobs it works by pattern, so it may
 * also hide harmless text; it is for sharing, not for records. Texts may be long and hostile: no pattern starts over
 * inside a run of characters that it has already read, so the time is linear in the text; and `x{20}x*` stands for
 * `x{20,}`, which overflows the engine's stack on some megabytes.
 */
export const redactForSharing: Redact = (text) =>
  rules.reduce((clean, { pattern, replacement }) => clean.replace(pattern, replacement), text);

const rules: readonly { readonly pattern: RegExp; readonly replacement: string }[] = [
  {
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replacement: '[private key]',
  },
  { pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, replacement: '[key]' },
  {
    pattern:
      /\b(?:gh[pousr]_[A-Za-z0-9]{20}[A-Za-z0-9]*|github_pat_\w{20}\w*|hf_[A-Za-z0-9]{20}[A-Za-z0-9]*|sk-[\w-]{20}[\w-]*|xox[abpr]-[\w-]{10}[\w-]*)/g,
    replacement: '[key]',
  },
  { pattern: /\b(Bearer|Basic)\s+[\w.~+/=-]{12}[\w.~+/=-]*/gi, replacement: '$1 [key]' },
  { pattern: /(?<![\w.+-])([.+-]*)\w[\w.+-]*@[\w-]+\.[\w.-]*\b/g, replacement: '$1[e-mail]' },
  { pattern: /(\/home|\/Users|C:\\+Users)([/\\]+)[^/\\\s"':,;()<>]+/g, replacement: '$1$2user' },
  {
    pattern:
      /\b(https?|wss?|ssh|file):\/\/(?:[^\s/"'@]+@)?(?!github\.com\b|huggingface\.co\b)[^\s/"':]+(?::\d+)?/g,
    replacement: '$1://host',
  },
  {
    pattern:
      /\b(?!127\.0\.0\.1\b|0\.0\.0\.0\b)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b/g,
    replacement: '[address]',
  },
];

/** What an export does to each value before it is written. */
export type Clean = <T>(value: T) => T;

/** For exports that keep everything. */
export const keepAll: Clean = (value) => value;

/** Hides in every text inside a JSON value; keys stay. Redacting JSON text itself could break its escapes. */
export const hideForSharing: Clean = <T>(value: T): T => redactValue(value) as T;

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactForSharing(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redactValue(entry)]));
}
