import type { FC } from 'hono/jsx';
import { plural } from '../../../base/plural.js';
import { addresses } from '../../address.js';
import type { ShownConversation } from '../../trial-data.js';
import { Long } from './long-text.js';
import type { TrialProps } from './trial-props.js';
import { TurnView } from './turn-view.js';

/** What the model was told, then turn by turn what it did. */
export const ConversationView: FC<TrialProps> = ({ page, data }) => {
  const { conversation } = data;
  return (
    <section class="conversation" id="conversation-part">
      <h2 id="conversation">Conversation</h2>
      {conversation === null ? (
        <p class="empty-note">
          {data.running === null
            ? 'No conversation is recorded in a form that is read. What was kept is listed under “Files”.'
            : 'The agent has not begun yet.'}
        </p>
      ) : (
        <>
          <div class="tools">
            <label class="filter needs-script">
              <span>Search turns</span>
              <input type="search" data-search="turns" autocomplete="off" spellcheck={false} />
              <output></output>
            </label>
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
                    whole={page.to(addresses.part(data.job.name, data.name, `opening-${index}`))}
                  />
                </>
              ))}
            </details>
          )}
          <ol class="turns" id="turns" data-live-list>
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
          href={page.to(addresses.trial(data.job.name, data.name, from))}
          aria-current={from === current.from ? 'page' : undefined}
        >
          {from}–{to}
        </a>
      ))}
      {turns.unseenBytes > 0 ? (
        <a href={page.to(addresses.trial(data.job.name, data.name, turns.sizes.length + 1))}>
          more ({Math.round(turns.unseenBytes / 1e6)} MB not looked at)
        </a>
      ) : null}
    </nav>
  );
};
