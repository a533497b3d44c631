import type { FC } from 'hono/jsx';
import { plural } from '../../../base/plural.js';
import { duration, quantity } from '../../../report/text/format.js';
import { paceOf } from '../../../review/live/job-status.js';
import { timeLeft, type LiveTrial } from '../../../review/live/live-job.js';
import { publishedTokenLimit } from '../../words.js';
import { addresses } from '../../address.js';
import { stateWords } from '../../trial-state.js';
import { plannedOf } from '../jobs/standing.js';
import { Meter } from '../parts/bars.js';
import { Scroll } from '../parts/facts.js';
import type { JobProps } from './job-props.js';

/** What is under way now: every running trial with its turn and context, the last ends and notes. */
export const LivePanel: FC<JobProps> = ({ page, job }) => {
  const { live, isRunning } = job;
  if (live === null || !isRunning) return <div id="live" data-live-part></div>;
  const now = Date.now();
  const total = plannedOf(job);
  const pace = paceOf(live, { left: total - live.ends.size, now: new Date(now) });
  const ends = [...live.ends.values()].slice(-6).reverse();
  return (
    <section id="live" class="panel" data-live-part>
      <h2>{live.paused ? 'Paused by hand' : 'Under way'}</h2>
      {live.paused ? (
        <p>
          No trial starts, and those under way wait before their next turn, until{' '}
          <code>tbench resume {job.name}</code>.
        </p>
      ) : null}
      <p>
        {live.ends.size} of {total} trials ended, {live.running.size} running
        {live.startedAt === null ? '' : `, for ${duration(now - Date.parse(live.startedAt))}`}
        {pace === null || live.paused
          ? ''
          : `; ${Math.round(pace.endsPerHour)} ends an hour, over at about ${pace.endExpectedAt.slice(0, 16).replace('T', ' ')} UTC`}
        .
      </p>
      <Meter
        fraction={total === 0 ? 0 : live.ends.size / total}
        label={`${live.ends.size} of ${total} ended`}
        kind="running"
      />
      <RunningTable page={page} job={job} now={now} />
      <ul class="ends" aria-label="Last ends">
        {ends.map(({ at, end }) => (
          <li>
            <time>{at.slice(11, 19)}</time>{' '}
            <a href={page.to(addresses.trial(job.name, end.trial))}>{end.trial}</a>{' '}
            {end.outcome.kind === 'scored' ? `reward ${end.outcome.reward}` : stateWords.none.text}
            {end.ending === null ? '' : `, ${end.ending}`}
          </li>
        ))}
      </ul>
      {live.notes.length === 0 ? null : (
        <details>
          <summary>{plural(live.notes.length, 'note')}</summary>
          <ul>
            {live.notes.map(({ at, trial, text }) => (
              <li>
                <time>{at.slice(11, 19)}</time> {trial === null ? '' : `${trial}: `}
                {text}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
};

const RunningTable: FC<JobProps & { readonly now: number }> = ({ page, job, now }) => (
  <Scroll label="Running trials">
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Trial</th>
          <th scope="col">Doing</th>
          <th scope="col" class="n">
            Turn
          </th>
          <th scope="col">Context</th>
          <th scope="col" class="n">
            For
          </th>
          <th scope="col" class="n">
            Left
          </th>
        </tr>
      </thead>
      <tbody>
        {[...(job.live?.running.values() ?? [])].map((trial) => (
          <Running page={page} job={job} trial={trial} now={now} />
        ))}
      </tbody>
    </table>
  </Scroll>
);

const Running: FC<JobProps & { readonly trial: LiveTrial; readonly now: number }> = ({
  page,
  job,
  trial,
  now,
}) => (
  <tr data-row>
    <th scope="row">
      <a href={page.to(addresses.trial(job.name, trial.trial))} data-open>
        {trial.trial}
      </a>
    </th>
    <td>
      {trial.paused ? 'paused by hand in ' : ''}
      {trial.phase ?? 'starting'}
      {trial.failedTries > 0 ? ` (try ${trial.failedTries + 1})` : ''}
    </td>
    <td class="n">{trial.turn === 0 ? '–' : trial.turn}</td>
    <td class="nowrap">
      {trial.contextTokens === null ? (
        '–'
      ) : (
        <>
          <Meter
            fraction={trial.contextTokens / (trial.contextLimit ?? publishedTokenLimit)}
            label={`${trial.contextTokens} tokens of context`}
          />{' '}
          <small>
            {quantity(trial.contextTokens)}
            {trial.contextLimit === null ? '' : ` of ${quantity(trial.contextLimit)}`}
          </small>
        </>
      )}
    </td>
    <td class="n nowrap">{duration(Math.max(0, now - Date.parse(trial.startedAt)))}</td>
    <td class="n nowrap">{leftText(timeLeft(trial, now))}</td>
  </tr>
);

function leftText(ms: number | null): string {
  return ms === null ? '–' : duration(ms);
}
