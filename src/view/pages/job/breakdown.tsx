import type { FC } from 'hono/jsx';
import { percent } from '../../../base/number/decimal.js';
import type { TrialSummary } from '../../../record/trial-summary.js';
import { duration } from '../../../report/text/format.js';
import type { GroupScore, JobScore } from '../../../score/job/job-score.js';
import { blameWords, endingText } from '../../words.js';
import { Meter, StackedBar } from '../parts/bars.js';
import { Scroll } from '../parts/facts.js';
import { serverTime } from './server-time.js';

/** Endings and blames, where the time went, and the groups of tasks. */
export const Breakdown: FC<{ readonly score: JobScore; readonly trials: readonly TrialSummary[] }> = ({
  score,
  trials,
}) => (
  <>
    <Endings score={score} />
    <Time score={score} trials={trials} />
    <section>
      <h2 id="groups">Categories and difficulties</h2>
      {Object.keys(score.groups).length === 0 ? (
        <p class="empty-note">This job records neither.</p>
      ) : (
        <div class="columns">
          {Object.entries(score.groups).map(([key, groups]) => (
            <Groups name={key} groups={groups} />
          ))}
        </div>
      )}
    </section>
  </>
);

const Endings: FC<{ readonly score: JobScore }> = ({ score }) => {
  const { endings, endingPasses } = score.counts;
  if (score.nTrials === 0)
    return (
      <section>
        <h2 id="endings">How trials ended</h2>
        <p class="empty-note">None has ended yet.</p>
      </section>
    );
  return (
    <section>
      <h2 id="endings">How trials ended</h2>
      <Scroll label="Endings">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">The agent …</th>
              <th scope="col" class="n">
                Trials
              </th>
              <th scope="col" class="n">
                Passed
              </th>
              <th scope="col">Share</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(endings).map(([ending, count]) => (
              <tr>
                <th scope="row">
                  {endingText(ending)} <small>{ending}</small>
                </th>
                <td class="n">{count}</td>
                <td class="n">{endingPasses[ending] ?? 0}</td>
                <td>
                  <Meter
                    fraction={count / score.nTrials}
                    label={`${percent(count / score.nTrials)} % of trials`}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Blames score={score} />
    </section>
  );
};

const Blames: FC<{ readonly score: JobScore }> = ({ score }) => {
  const { blames, verdicts } = score.counts;
  return (
    <p>
      {Object.keys(blames).length === 0
        ? score.coverage.notMeasured === 0
          ? 'Nothing failed but the model’s own work.'
          : 'What failed beside the model’s own work is put down to nobody: the record does not say.'
        : `Failures were put down to: ${Object.entries(blames)
            .map(
              ([blame, count]) =>
                `${blame in blameWords ? blameWords[blame as keyof typeof blameWords] : blame} ${count}`,
            )
            .join(', ')}.`}{' '}
      {Object.keys(verdicts).length === 0
        ? ''
        : `Verdicts: ${Object.entries(verdicts)
            .map(([verdict, count]) => `${verdict} ${count}`)
            .join(', ')}.`}
    </p>
  );
};

const Time: FC<{ readonly score: JobScore; readonly trials: readonly TrialSummary[] }> = ({
  score,
  trials,
}) => {
  const { phasesMs: phases, trialMs, spanMs } = score.cost;
  const server = serverTime(trials);
  if (trialMs === null) return null;
  const part = (name: string, kind: string, ms: number | null): Parameters<typeof StackedBar>[0]['parts'] =>
    ms === null || ms <= 0 ? [] : [{ name, kind, value: ms, text: duration(ms) }];
  const waited = server?.waitedMs ?? 0;
  const inAgent = (phases.model ?? 0) + (phases.commands ?? 0) + waited;
  const parts = [
    ...part('set-up', 'setup', (phases.environmentSetup ?? 0) + (phases.agentSetup ?? 0)),
    ...part('model', 'model', phases.model),
    ...part('kept waiting by the server', 'waiting', waited),
    ...part('commands', 'command', phases.commands),
    ...part('rest of the agent', 'rest', phases.agent === null ? null : phases.agent - inAgent),
    ...part('tests', 'tests', phases.verifier),
  ];
  const rest = part('the rest of the trials', 'other', trialMs - sumOf(parts));
  return (
    <section>
      <h2 id="time">Where the time went</h2>
      <StackedBar label="Time of all trials by what they did" parts={[...parts, ...rest]} />
      <p>
        {duration(trialMs)} of trials{spanMs === null ? '' : ` within ${duration(spanMs)}`}.{' '}
        {server === null
          ? 'How long the model server kept the model waiting is not recorded.'
          : `For ${percent(server.share)} % of the agents’ time (${duration(waited)}) the model server kept the model waiting.`}
      </p>
    </section>
  );
};

function sumOf(parts: readonly { readonly value: number }[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

const Groups: FC<{ readonly name: string; readonly groups: readonly GroupScore[] }> = ({ name, groups }) => (
  <Scroll label={`By ${name}`}>
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" class="n">
            Tasks
          </th>
          <th scope="col" class="n">
            Mean, %
          </th>
          <th scope="col">
            <span class="visually-hidden">Mean as a bar</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map((group) => (
          <tr>
            <th scope="row">{group.value}</th>
            <td class="n">{group.nTasks}</td>
            <td class="n">{group.measured === 0 ? '–' : percent(group.mean)}</td>
            <td>
              {group.measured === 0 ? null : (
                <Meter fraction={group.mean} kind="passed" label={`${percent(group.mean)} %`} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scroll>
);
