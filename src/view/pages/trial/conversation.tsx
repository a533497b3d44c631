import type { FC } from 'hono/jsx';
import { plural } from '../../../base/plural.js';
import { addresses } from '../../address.js';
import type { Conversation } from '../../trial-data.js';
import { Long } from './long-text.js';
import type { TrialProps } from './trial-props.js';
import { TurnView } from './turn-view.js';

/** What the model was told, then turn by turn what it did. */
export const ConversationView: FC<TrialProps> = ({ page, data }) => {
  const { conversation } = data;
  return (
    <section class="conversation">
      <h2 id="conversation">Conversation</h2>
      {conversation === null ? (
        <p class="empty-note">
          No conversation is recorded in a form that is read. What was kept is listed under “Files”.
        </p>
      ) : (
        <>
          <div class="tools">
            <label class="filter needs-script">
              <span>Search turns</span>
              <input type="search" data-search="turns" autocomplete="off" spellcheck={false} />
              <output></output>
            </label>
            <Pages page={page} data={data} conversation={conversation} />
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
          <Pages page={page} data={data} conversation={conversation} />
        </>
      )}
    </section>
  );
};

const Pages: FC<TrialProps & { readonly conversation: Conversation }> = ({ page, data, conversation }) => {
  const { pages, turns, page: current } = conversation;
  if (pages.length < 2 && turns.unseenBytes === 0) return null;
  return (
    <nav class="pages" aria-label="Turns">
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
