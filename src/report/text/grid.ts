import stringWidth from 'string-width';
import { padTo, printable, shorten } from './text.js';

/** A column: numbers right, words left; `shrink` columns give way when the line is too long. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly shrink?: boolean;
}

const gap = 2;
const narrowest = 8;

/** Lays rows out in aligned columns under a rule, at most `width` columns wide where shrinking allows it. */
export function renderGrid(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = columns.map((column, index) =>
    cells.reduce((most, row) => Math.max(most, stringWidth(row[index] ?? '')), stringWidth(column.title)),
  );
  shrinkToFit(columns, widths, width);
  const line = (row: readonly string[]): string =>
    columns
      .map((column, index) => {
        const room = widths[index] ?? 0;
        return padTo(shorten(row[index] ?? '', room), room, column.align ?? 'left');
      })
      .join(' '.repeat(gap))
      .trimEnd();
  const rule = widths.map((room) => '─'.repeat(room)).join(' '.repeat(gap));
  return [line(columns.map((column) => column.title)), rule, ...cells.map(line)].join('\n');
}

/** Takes columns away from the widest shrinkable one until the line fits. */
function shrinkToFit(columns: readonly Column[], widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, room) => sum + room, 0) + gap * (widths.length - 1);
  while (total() > width) {
    let widest = -1;
    columns.forEach((column, index) => {
      const room = widths[index] ?? 0;
      if (column.shrink === true && room > narrowest && room > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}
