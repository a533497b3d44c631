import type { FC } from 'hono/jsx';
import { plural } from '../../../base/plural.js';
import { addresses, toId } from '../../address.js';
import type { ShownConversation } from '../../trial/trial-data.js';
import { Long } from './long-text.js';
import type { TrialProps } from './trial-props.js';
import { TurnView } from './turn-view.js';

/** What the model was told, then turn by turn what it did. */
export const ConversationView: FC<TrialProps> = ({ page, data }) => {
  const { conversation } = data;
  return (
    <section class="conversation" id="conversation-part">
      <h2 id="conversation">Conversation{data.step === null ? '' : ` of step ${data.step}`}</h2>
      {conversation === null ? (
        <p class="empty-note">
          {data.running === null
            ? 'No conversation is recorded in a form that is read. What was kept is listed under “Files”.'
            : 'The agent has not begun yet.'}
        </p>
      ) : (
        <>
          <div class="tools">
            <Search page={page} data={data} conversation={conversation} />
            {data.running === null ? null : (
              <label class="needs-script">
                <input type="checkbox" data-follow checked /> Follow the running turn
              </label>
            )}
            <Pages id="pages-above" {...{ page, data, conversation }} />
          </div>
          {conversation.page.from > 1 ? null : (
            <details class="opening">
              <summary>
                What the model was told ({plural(conversation.turns.opening.length, 'message')})
              </summary>
              {conversation.turns.opening.map(({ role, text }, index) => (
                <>
                  <h3>{role}</h3>
                  <Long
                    text={text}
                    label={`${role} message`}
                    kind="said"
                    whole={page.to(addresses.part(data.job.name, data.name, `opening-${index}`, data.step))}
                  />
                </>
              ))}
            </details>
          )}
          <ol class="turns" id={listId(data)} data-live-list>
            {conversation.shown.map((turn) => (
              <TurnView page={page} data={data} turn={turn} />
            ))}
          </ol>
          {conversation.turns.failure === null ? null : (
            <p class="label">The last request failed: {conversation.turns.failure}</p>
          )}
          <Running data={data} />
          <Pages id="pages-below" {...{ page, data, conversation }} />
        </>
      )}
    </section>
  );
};

/** Steps have lists of their own, so that a page that follows its trial into the next step begins a new one. */
function listId({ step }: TrialProps['data']): string {
  return step === null ? 'turns' : `turns-of-${toId(step)}`;
}

/** Narrows this page's turns down while one types; sent off, it asks for every turn. An export has nobody to ask. */
const Search: FC<TrialProps & { readonly conversation: ShownConversation }> = ({
  page,
  data,
  conversation: { pages, turns },
}) => {
  const isWhole = pages.length === 1 && turns.unseenBytes === 0;
  const field = (
    <label class={page.isServed ? 'filter' : 'filter needs-script'}>
      <span>{isWhole || page.isServed ? 'Search turns' : 'Search the turns of this page'}</span>
      <input
        {...{ type: 'search', name: 'text', autocomplete: 'off', spellcheck: false }}
        data-search={listId(data)}
        data-whole={isWhole ? '' : undefined}
      />
      <output></output>
    </label>
  );
  return page.isServed ? (
    <form role="search" action={page.to(addresses.find(data.job.name, data.name, data.step))} method="get">
      {field} <button type="submit">Search everything</button>
    </form>
  ) : (
    field
  );
};

/** What the command under way has printed so far; it moves into its turn when it is over. */
const Running: FC<Pick<TrialProps, 'data'>> = ({ data: { running, runningOutput } }) =>
  running === null ? null : (
    <div id="running-output" data-live-part>
      {runningOutput === null || runningOutput.text === '' ? null : (
        <>
          <p>It has printed so far:</p>
          <pre class="output" tabindex={0} role="group" aria-label="Output of the running command" data-end>
            {runningOutput.text}
          </pre>
        </>
      )}
    </div>
  );

const Pages: FC<TrialProps & { readonly id: string; readonly conversation: ShownConversation }> = ({
  page,
  data,
  id,
  conversation,
}) => {
  const { pages, turns, page: current } = conversation;
  if (pages.length < 2 && turns.unseenBytes === 0 && data.running === null) return null;
  return (
    <nav
      class="pages"
      aria-label={`Turns, ${id === 'pages-above' ? 'above' : 'below'}`}
      id={id}
      data-live-part
    >
      {pages.map(({ from, to }) => (
        <a
          href={page.to(addresses.trial(data.job.name, data.name, { step: data.step, from }))}
          aria-current={from === current.from ? 'page' : undefined}
        >
          {from}–{to}
        </a>
      ))}
      {turns.unseenBytes > 0 ? (
        <a
          href={page.to(
            addresses.trial(data.job.name, data.name, { step: data.step, from: turns.sizes.length + 1 }),
          )}
        >
          more ({Math.round(turns.unseenBytes / 1e6)} MB not looked at)
        </a>
      ) : null}
    </nav>
  );
};
