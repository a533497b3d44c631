import type { FC } from 'hono/jsx';
import { storyRows, verdictMeaning } from '../../../report/trial/trial-story-text.js';
import { verdicts } from '../../../record/verdict.js';
import type { TrialProps } from './trial-props.js';

/** The verdict and its evidence, as `tbench show` tells them. */
export const VerdictStory: FC<Pick<TrialProps, 'data'>> = ({ data: { story, summary, step } }) => (
  <section>
    <h2 id="verdict">Verdict and evidence{step === null ? '' : ` of step ${step}`}</h2>
    {story === null ? (
      <p class="empty-note">
        {summary === null
          ? 'Nothing has been judged yet.'
          : 'The record holds no evidence: whether the tests ran as they should cannot be told from it.'}
      </p>
    ) : (
      <>
        <dl class="facts story">
          {groupRows(storyRows(story)).map(([about, texts]) => (
            <div class={['fail', 'warn'].includes(about) ? 'grave' : undefined}>
              <dt>{about}</dt>
              {texts.map((text) => (
                <dd>{text}</dd>
              ))}
            </div>
          ))}
        </dl>
        <details>
          <summary>What the verdicts mean</summary>
          <dl class="facts story">
            {verdicts.map((verdict) => (
              <div>
                <dt>{verdict}</dt>
                <dd>{verdictMeaning[verdict]}</dd>
              </div>
            ))}
          </dl>
        </details>
      </>
    )}
  </section>
);

/** Rows without a name belong to the one before. */
function groupRows(rows: ReturnType<typeof storyRows>): [string, string[]][] {
  const groups: [string, string[]][] = [];
  for (const [about, text] of rows) {
    const last = groups.at(-1);
    if (about === '' && last !== undefined) last[1].push(text);
    else groups.push([about, [text]]);
  }
  return groups;
}
