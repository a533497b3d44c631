import { safeText } from '../../base/safe-text.js';
import { escapeMarkup } from '../text/escape-markup.js';

/** HTML that is ready to be written; made only by `html`, so that all other text is escaped. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | readonly Html[];

/** A template whose values are escaped, unless they are `Html` themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly Part[]): Html {
  const pieces = parts.map((part, index) => {
    const value = values[index];
    return value === undefined ? part : part + render(value);
  });
  return { markup: pieces.join('') };
}

function render(value: Part): string {
  if (typeof value === 'object')
    return 'markup' in value ? value.markup : value.map((entry) => entry.markup).join('');
  return escapeHtml(String(value));
}

/** Text as HTML, safe in elements and quoted attributes; characters HTML cannot hold become `�`. */
export function escapeHtml(text: string): string {
  return escapeMarkup(safeText(text, { lines: 'many', mark: '\ufffd' }));
}
