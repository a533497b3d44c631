import type { FC } from 'hono/jsx';
import { addresses, type TrialAddress } from '../../address.js';
import type { TrialData } from '../../trial/trial-data.js';
import { stateWords } from '../../trial-state.js';
import { ComparisonLayout } from './comparison-layout.js';
import type { PageContext } from '../page-context.js';
import { Mark } from '../parts/mark.js';
import { BudgetChart, TimeLine } from '../trial/charts.js';
import { TestReport } from '../trial/tests.js';
import { TurnView } from '../trial/turn-view.js';
import { whySentences } from '../trial/why.js';

interface SideProps {
  readonly page: PageContext;
  readonly sides: readonly [TrialData, TrialData];
}

/** Two trials next to each other, turn by turn. */
export const SidePage: FC<SideProps> = ({ page, sides }) => (
  <ComparisonLayout page={page} title={`${sides[0].name} beside ${sides[1].name}`} crumb="Side by side">
    <h1>{sides[0].task === sides[1].task ? `${sides[0].task}: two trials` : 'Two trials'}</h1>
    <OtherSteps page={page} sides={sides} />
    <div class="sides">
      {sides.map((data) => (
        <section class="side" aria-label={`${data.name} in ${data.job.name}`}>
          <h2>
            <Mark state={data.state} label={stateWords[data.state].text} />{' '}
            <a href={page.to(addresses.trial(data.job.name, data.name, { step: data.step }))}>{data.name}</a>{' '}
            <small>{data.job.name}</small>
          </h2>
          {data.step === null ? null : <p>Step {data.step}</p>}
          {whySentences(data).map((sentence) => (
            <p>{sentence}</p>
          ))}
          <TestReport data={data} />
          {data.conversation === null ? null : (
            <>
              <BudgetChart page={page} data={data} conversation={data.conversation} />
              <TimeLine numbers={data.conversation.numbers} data={data} />
            </>
          )}
        </section>
      ))}
    </div>
    <SideTurns page={page} sides={sides} />
  </ComparisonLayout>
);

/** The steps that both have, to hold another one of them against each other. */
const OtherSteps: FC<SideProps> = ({ page, sides: [left, right] }) => {
  const names = (data: TrialData): string[] =>
    data.steps.filter(({ isThere }) => isThere).map(({ name }) => name);
  const common = names(left).filter((name) => names(right).includes(name));
  if (common.length === 0) return null;
  const place = (data: TrialData): TrialAddress => ({ job: data.job.name, trial: data.name });
  return (
    <nav class="contents" aria-label="Steps">
      {common.map((name) => (
        <a
          href={page.to(addresses.side(place(left), place(right), name))}
          aria-current={left.step === name && right.step === name ? 'page' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
};

/** Turn i of both in one row, so that the eye can go across. */
const SideTurns: FC<SideProps> = ({ page, sides }) => {
  const [left, right] = sides.map(({ conversation }) => conversation?.shown ?? []);
  const count = Math.max(left?.length ?? 0, right?.length ?? 0);
  return (
    <section>
      <h2>Turn by turn</h2>
      <div class="side-turns">
        {Array.from({ length: count }, (_, index) =>
          [left, right].map((turns, side) => {
            const turn = turns?.[index];
            const data = sides[side === 0 ? 0 : 1];
            return turn === undefined ? (
              <p class="empty-note">no turn {index + 1}</p>
            ) : (
              <ul class="turns">
                <TurnView page={page} data={data} turn={turn} idPrefix={side === 0 ? 'left-' : 'right-'} />
              </ul>
            );
          }),
        )}
      </div>
    </section>
  );
};
