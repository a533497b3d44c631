import { safeText } from '../../base/safe-text.js';
import { escapeMarkup } from './escape-markup.js';

/**
 * Rows as CSV (RFC 4180, CRLF). Text that a spreadsheet would run as a formula gets a leading apostrophe;
 * numbers, negative ones too, stay numbers.
 */
export function renderCsv(
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  return [header, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = safeText(value, { lines: 'many' });
  const safe = /^\s*[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows as a Markdown table. Text is escaped: it may come from a model. */
export function renderMarkdownTable(
  columns: readonly { readonly title: string; readonly align?: 'left' | 'right' }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map((column) => escapeMarkdown(column.title))),
    line(columns.map((column) => (column.align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escapeMarkdown))),
  ].join('\n');
}

/** Makes text inert in Markdown, also inside a table: no markup, no HTML, no line ends. */
export function escapeMarkdown(text: string): string {
  return safeText(text)
    .replace(/[&<>]/g, escapeMarkup)
    .replace(/[\\`*_[\]|~#]/g, (character) => `\\${character}`);
}
