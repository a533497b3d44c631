import type { FC } from 'hono/jsx';
import type { TrialSummary } from '../../../record/trial-summary.js';
import { addresses } from '../../address.js';
import { stateOf } from '../../trial-state.js';
import { blameWords, endingWords, statusWords } from '../../words.js';
import { Mark } from '../parts/mark.js';
import type { JobProps } from './job-props.js';

/** Which trials have no verdict, and why: they say nothing about the model. */
export const Unmeasured: FC<JobProps> = ({ page, job }) => {
  const trials = job.summary.trials.filter((trial) => stateOf(trial) === 'none');
  const { incomplete } = job.summary;
  if (trials.length === 0 && incomplete.length === 0) return null;
  return (
    <section>
      <h2 id="no-verdict">Trials without a verdict</h2>
      <p>
        Their tests did not run to an end, so they say nothing about the model. The mean counts each as 0, as
        upstream does; “all numbers” below has the mean of the measured ones.
      </p>
      <ul class="reasons">
        {trials.map((trial) => (
          <li>
            <Mark state="none" /> <a href={page.to(addresses.trial(job.name, trial.name))}>{trial.name}</a>:{' '}
            {whyUnmeasured(trial)}
          </li>
        ))}
        {incomplete
          .filter((name) => !(job.isRunning && job.live?.running.has(name) === true))
          .map((name) => (
            <li>
              <Mark state="waiting" label="not finished" />{' '}
              <a href={page.to(addresses.trial(job.name, name))}>{name}</a>: begun, and not finished
            </li>
          ))}
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
