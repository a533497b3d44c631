import type { Child, FC } from 'hono/jsx';

/** Names and values; what is null is left out. */
export const Facts: FC<{ readonly rows: readonly (readonly [string, Child | null])[] }> = ({ rows }) => (
  <dl class="facts">
    {rows
      .filter(([, value]) => value !== null && value !== '')
      .map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

/** One number that a page leads with. */
export const Tile: FC<{
  readonly name: string;
  readonly note?: string | null;
  readonly children?: Child;
}> = ({ name, note, children }) => (
  <div class="tile">
    <dt>{name}</dt>
    <dd>
      <b>{children}</b>
      {note === undefined || note === null || note === '' ? null : <small>{note}</small>}
    </dd>
  </div>
);

/** A table that may be wider than the screen: it scrolls by itself, with the keyboard too. */
export const Scroll: FC<{ readonly label: string; readonly children?: Child }> = ({ label, children }) => (
  <div class="scroll" role="region" aria-label={label} tabindex={0}>
    {children}
  </div>
);

/** The field that narrows the rows of the lists with these ids down; works with the page's script only. */
export const Filter: FC<{ readonly list: string; readonly label: string }> = ({ list, label }) => (
  <label class="filter needs-script">
    <span>{label}</span>
    <input type="search" data-filter={list} autocomplete="off" spellcheck={false} />
    <output></output>
  </label>
);
