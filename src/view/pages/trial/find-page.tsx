import type { FC } from 'hono/jsx';
import { plural } from '../../../base/plural.js';
import type { FoundText } from '../../../review/turns/find-in-turns.js';
import { addresses } from '../../address.js';
import type { FoundInTrial } from '../../trial/find-in-trial.js';
import { pageStarting } from '../../trial/turn-pages.js';
import { Layout } from '../layout.js';
import type { PageContext } from '../page-context.js';

interface FindProps {
  readonly page: PageContext;
  readonly found: FoundInTrial;
}

/** Every place of a trial's conversation that holds a text, each a link to its turn. */
export const FindPage: FC<FindProps> = ({ page, found }) => {
  const { job, trial, step, text, next, places } = found;
  const address = addresses.find(job, trial, step);
  const title = text === '' ? `Search ${trial}` : `“${text}” in ${trial}`;
  return (
    <Layout
      page={page}
      title={title}
      crumbs={[
        { text: 'Jobs', address: addresses.jobs },
        { text: job, address: addresses.job(job) },
        { text: trial, address: addresses.trial(job, trial, { step }) },
        { text: 'Search', address: null },
      ]}
      live={null}
    >
      <h1>{title}</h1>
      <form role="search" class="tools" action={page.to(address)} method="get">
        <label class="filter">
          <span>Search everything</span>
          <input type="search" name="text" value={text} autocomplete="off" spellcheck={false} />
        </label>
        <button type="submit">Search</button>
      </form>
      <p class="lead">{summary(found)}</p>
      <ol class="found">
        {places.map((place) => (
          <Place page={page} found={found} place={place} />
        ))}
      </ol>
      {next === null ? null : (
        <p>
          <a href={`${page.to(address)}?${new URLSearchParams({ text, from: String(next) }).toString()}`}>
            Go on from turn {next}
          </a>
        </p>
      )}
    </Layout>
  );
};

function summary({ text, from, turns, unseenBytes, next, places }: FoundInTrial): string {
  if (text === '') return 'Thoughts, answers, commands and outputs of every turn are searched.';
  const last = next === null ? turns : next - 1;
  const where = from === 1 && next === null ? `all ${plural(turns, 'turn')}` : `turns ${from} to ${last}`;
  const more =
    unseenBytes > 0 ? ` ${Math.round(unseenBytes / 1e6)} MB behind them are not looked at yet.` : '';
  return `${places.length === 0 ? 'Nowhere' : plural(places.length, 'place')} in ${where}.${more}`;
}

const Place: FC<FindProps & { readonly place: FoundText }> = ({
  page,
  found: { job, trial, step, pages },
  place: { turn, where, before, match, after },
}) => {
  const from = turn === null ? 1 : pageStarting(pages, turn).from;
  const to = page.to(addresses.trial(job, trial, { step, from }));
  return (
    <li data-row>
      <a href={`${to}#${turn === null ? 'conversation' : `turn-${turn}`}`} data-open>
        {turn === null ? 'Before turn 1' : `Turn ${turn}`}
      </a>{' '}
      <small>{where}</small>
      <pre>
        {before}
        <mark>{match}</mark>
        {after}
      </pre>
    </li>
  );
};
