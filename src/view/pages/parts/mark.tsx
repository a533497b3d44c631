import type { FC } from 'hono/jsx';
import { addresses } from '../../address.js';
import type { GridCell } from '../../grid.js';
import { stateWords, type MarkState } from '../../trial-state.js';
import type { PageContext } from '../page-context.js';

/** The sign of a trial's state, with its words for whoever does not see it; an empty label where they stand beside it. */
export const Mark: FC<{ readonly state: MarkState; readonly label?: string }> = ({ state, label }) =>
  label === '' ? (
    <span class={`mark ${state}`} aria-hidden="true">
      {stateWords[state].glyph}
    </span>
  ) : (
    <span class={`mark ${state}`} role="img" aria-label={label ?? stateWords[state].text}>
      {stateWords[state].glyph}
    </span>
  );

/** The sign of a trial, which opens it; one that has not begun has nothing to open. */
export const TrialMark: FC<{
  readonly page: PageContext;
  readonly job: string;
  readonly cell: GridCell;
  readonly label: string;
  readonly title?: string;
  /** Whether the page shows this very trial. */
  readonly isThis?: boolean;
}> = ({ page, job, cell, label, title, isThis = false }) =>
  cell.trial === null ? (
    <Mark state={cell.state} label={label} />
  ) : (
    <a
      class={`mark ${cell.state}`}
      href={page.to(addresses.trial(job, cell.trial))}
      aria-label={label}
      title={title}
      aria-current={isThis ? 'page' : undefined}
    >
      {stateWords[cell.state].glyph}
    </a>
  );

/** All signs with their words. */
export const Legend: FC<{ readonly states: readonly MarkState[] }> = ({ states }) => (
  <ul class="legend" aria-label="Signs">
    {states.map((state) => (
      <li>
        <Mark state={state} label="" /> {stateWords[state].text}
      </li>
    ))}
  </ul>
);
