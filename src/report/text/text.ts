import { safeText } from '../../base/safe-text.js';
import stringWidth from 'string-width';

/** Text from files and models, safe for one line of a terminal. */
export function printable(text: string): string {
  return safeText(text);
}

/** Shortens to at most `width` columns, keeping both ends, with an ellipsis in the middle. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const characters = Array.from(text);
  const head = Math.ceil((width - 1) / 2);
  const tail = Math.max(0, width - 1 - head);
  let shorter = `${characters.slice(0, head).join('')}…${tail === 0 ? '' : characters.slice(-tail).join('')}`;
  while (stringWidth(shorter) > width) shorter = shorter.replace(/.(?=…)|(?<=…)./su, '');
  return shorter;
}

export function padTo(text: string, width: number, align: 'left' | 'right'): string {
  const gap = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + gap : gap + text;
}

/** Breaks text at spaces into lines of at most `width` columns; longer words stay whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** `text` wrapped with every line after the first indented by `indent` columns. */
export function wrapIndented(text: string, width: number, indent: number): string {
  return wrap(text, Math.max(20, width - indent)).join(`\n${' '.repeat(indent)}`);
}

/** `name  text` under a heading, texts aligned and wrapped `indent` columns from the left; long names are cut. */
export function labelledLines(
  lines: readonly (readonly [string, string])[],
  { width, indent }: { readonly width: number; readonly indent: number },
): string[] {
  return lines.map(([name, text]) => {
    const short = name.length > indent - 3 ? `${name.slice(0, indent - 4)}…` : name;
    return `  ${printable(short).padEnd(indent - 2)}${wrapIndented(printable(text), width, indent)}`;
  });
}
