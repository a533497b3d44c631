import type { FC } from 'hono/jsx';
import { addresses } from '../../address.js';
import type { TrialData } from '../../trial/trial-data.js';
import { stateWords } from '../../trial-state.js';
import { Layout } from '../layout.js';
import { Mark } from '../parts/mark.js';
import { BudgetChart, TimeLine } from './charts.js';
import { ConversationView } from './conversation.js';
import { Files } from './files.js';
import { SandboxFacts } from './sandbox.js';
import { Siblings } from './siblings.js';
import { Steps } from './steps.js';
import { TestOutput, TestReport } from './tests.js';
import type { TrialProps } from './trial-props.js';
import { VerdictStory } from './verdict.js';
import { trustOf, whySentences } from './why.js';

/** One trial: why it ended as it did first, then its conversation, then everything else that is known. */
export const TrialPage: FC<TrialProps> = ({ page, data }) => {
  const { job, name, conversation } = data;
  const live = `live/trial/${encodeURIComponent(job.name)}/${encodeURIComponent(name)}`;
  return (
    <Layout
      page={page}
      title={`${name} in ${job.name}`}
      crumbs={[
        { text: 'Jobs', address: addresses.jobs },
        { text: job.name, address: addresses.job(job.name) },
        { text: name, address: null },
      ]}
      live={data.running === null ? null : live}
    >
      <div class="trial-head" id="trial-head" data-live-part>
        <h1>
          <Mark state={data.state} label="" /> {name}{' '}
          <span class={`state ${data.state}`}>
            {data.state === 'waiting' ? 'not finished' : stateWords[data.state].text}
          </span>
        </h1>
        <Siblings page={page} data={data} />
        <div class="why">
          {whySentences(data).map((sentence) => (
            <p>{sentence}</p>
          ))}
          <Trust data={data} />
        </div>
        <Steps page={page} data={data} />
        <TestReport data={data} />
      </div>
      <nav class="contents" aria-label="On this page">
        <a href="#conversation">Conversation</a>
        <a href="#verdict">Verdict</a>
        <a href="#output">Test output</a>
        <a href="#sandbox">Sandbox</a>
        <a href="#files">Files</a>
      </nav>
      <div id="charts" data-live-part>
        {conversation === null ? null : (
          <>
            <BudgetChart page={page} data={data} conversation={conversation} />
            <TimeLine numbers={conversation.numbers} data={data} />
          </>
        )}
      </div>
      <ConversationView page={page} data={data} />
      <div id="evidence" data-live-part>
        <VerdictStory data={data} />
        <TestOutput page={page} data={data} />
        <SandboxFacts data={data} />
        <Files page={page} data={data} />
      </div>
    </Layout>
  );
};

const Trust: FC<{ readonly data: TrialData }> = ({ data }) => {
  const trust = trustOf(data);
  return trust === null ? null : (
    <p class="trust">
      Verdict <b>{trust[0]}</b>: {trust[1]}. <a href="#verdict">Evidence</a>
    </p>
  );
};
