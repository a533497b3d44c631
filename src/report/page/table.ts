import { scoreColumns } from '../score/score-cells.js';
import type { Column } from '../text/grid.js';
import { html, type Html } from './html.js';

/** A table whose first cell names its row. Numbers right, words left; the score larger than the rest. */
export function table(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const kind = ({ align, title }: Column): string =>
    align !== 'right' ? '' : title === scoreColumns.score.title ? 'n score' : 'n';
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" class="${kind(column)}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...cells]) =>
            html`<tr>
              <th scope="row">${first ?? ''}</th>
              ${columns
                .slice(1)
                .map((column, index) => html`<td class="${kind(column)}">${cells[index] ?? ''}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
