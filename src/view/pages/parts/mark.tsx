import type { FC } from 'hono/jsx';
import { stateWords, type TrialState } from '../../trial-state.js';

/** The sign of a trial's state, with its words for whoever does not see it; an empty label where they stand beside it. */
export const Mark: FC<{ readonly state: TrialState; readonly label?: string }> = ({ state, label }) =>
  label === '' ? (
    <span class={`mark ${state}`} aria-hidden="true">
      {stateWords[state].glyph}
    </span>
  ) : (
    <span class={`mark ${state}`} role="img" aria-label={label ?? stateWords[state].text}>
      {stateWords[state].glyph}
    </span>
  );

/** All signs with their words. */
export const Legend: FC<{ readonly states: readonly TrialState[] }> = ({ states }) => (
  <ul class="legend" aria-label="Signs">
    {states.map((state) => (
      <li>
        <Mark state={state} label="" /> {stateWords[state].text}
      </li>
    ))}
  </ul>
);
