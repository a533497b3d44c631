import type { FC } from 'hono/jsx';
import type { TrialSummary } from '../../../record/trial-summary.js';
import { addresses } from '../../address.js';
import { stateOf } from '../../trial-state.js';
import { blameWords, endingWords, statusWords } from '../../words.js';
import { Mark } from '../parts/mark.js';
import type { JobProps } from './job-props.js';

/** Which trials have no verdict, and why: those that ended without one, and those that did not end. */
export const Unmeasured: FC<JobProps> = ({ page, job }) => {
  const trials = job.summary.trials.filter((trial) => stateOf(trial) === 'none');
  const unfinished = job.summary.incomplete.filter(
    (name) => !(job.isRunning && job.live?.running.has(name) === true),
  );
  const link = (name: string) => <a href={page.to(addresses.trial(job.name, name))}>{name}</a>;
  if (trials.length === 0 && unfinished.length === 0) return null;
  return (
    <section>
      <h2 id="no-verdict">Trials without a verdict</h2>
      {trials.length === 0 ? null : (
        <p>
          Their tests did not run to an end, so they say nothing about the model. The mean counts each as 0,
          as upstream does; “all numbers” below has the mean of the measured ones.
        </p>
      )}
      <ul class="reasons">
        {trials.map((trial) => (
          <li>
            <Mark state="none" /> {link(trial.name)}: {whyUnmeasured(trial)}
          </li>
        ))}
      </ul>
      {unfinished.length === 0 ? null : (
        <p>Not counted, because they have no result; whoever continues the job makes them again:</p>
      )}
      <ul class="reasons">
        {unfinished.map((name) =>
          job.live?.cancelled.has(name) === true ? (
            <li>
              <Mark state="cancelled" /> {link(name)}: cancelled
            </li>
          ) : (
            <li>
              <Mark state="waiting" label="not finished" /> {link(name)}: begun, and not finished
            </li>
          ),
        )}
      </ul>
    </section>
  );
};

/** Why a trial has no verdict, as far as its record says. */
export function whyUnmeasured(trial: TrialSummary): string {
  const parts = [
    trial.status === null ? 'no reward is recorded' : statusWords[trial.status],
    ...(trial.ending === null ? [] : [`the agent ${endingWords[trial.ending]}`]),
    ...(trial.errorType === null ? [] : [trial.errorType]),
    ...(trial.blame === null ? [] : [`to blame: ${blameWords[trial.blame]}`]),
  ];
  return parts.join('; ');
}
