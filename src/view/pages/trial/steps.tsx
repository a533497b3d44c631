import type { FC } from 'hono/jsx';
import { addresses } from '../../address.js';
import type { ShownStep } from '../../trial/trial-data.js';
import { stateWords } from '../../trial-state.js';
import { Mark } from '../parts/mark.js';
import { Scroll } from '../parts/facts.js';
import type { TrialProps } from './trial-props.js';

/** The steps of a task of several with what each got; the one that the page shows is marked, the others are a link away. */
export const Steps: FC<TrialProps> = ({ page, data: { job, name, steps, step } }) =>
  steps.length === 0 ? null : (
    <Scroll label="Steps">
      <table class="list steps">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Came out</th>
            <th scope="col" class="n">
              Reward
            </th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((one) => (
            <tr>
              <th scope="row">
                {one.isThere ? (
                  <a
                    href={page.to(addresses.trial(job.name, name, { step: one.name }))}
                    aria-current={one.name === step ? 'step' : undefined}
                  >
                    {one.name}
                  </a>
                ) : (
                  one.name
                )}
                {one.name === step ? <small> shown below</small> : null}
              </th>
              <td>
                <CameOut step={one} />
              </td>
              <td class="n">{one.reward ?? '–'}</td>
              <td>{one.verdict ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );

const CameOut: FC<{ readonly step: ShownStep }> = ({ step: { state } }) =>
  state === null ? (
    <>over</>
  ) : (
    <>
      <Mark state={state} label="" /> {stateWords[state].text}
    </>
  );
