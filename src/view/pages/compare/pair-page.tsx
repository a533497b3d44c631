import type { FC } from 'hono/jsx';
import { percent, points } from '../../../base/number/decimal.js';
import { plural } from '../../../base/plural.js';
import { chanceText } from '../../words.js';
import { meanText, powerOf } from '../../../report/comparison/comparison-text.js';
import {
  compareSides,
  isBeyondChance,
  type Comparison,
  type TaskComparison,
} from '../../../score/comparison/compare.js';
import { sideOfJob } from '../../../score/comparison/comparison-side.js';
import { addresses } from '../../address.js';
import { siblingsOf, type GridCell } from '../../grid.js';
import type { ShelvedJob } from '../../job-shelf.js';
import { stateWords } from '../../trial-state.js';
import { ComparisonLayout } from './comparison-layout.js';
import type { PageContext } from '../page-context.js';
import { Filter, Scroll, Tile } from '../parts/facts.js';
import { TrialMark } from '../parts/mark.js';
import { TaskChances } from './task-chances.js';
import { OpenColumn } from '../parts/open-column.js';

interface PairProps {
  readonly page: PageContext;
  readonly before: ShelvedJob;
  readonly after: ShelvedJob;
}

/** Two jobs task by task: which got worse, which better, and whether that is chance. */
export const PairPage: FC<PairProps> = ({ page, before, after }) => {
  const comparison = compareSides(sideOfJob(before.summary), sideOfJob(after.summary));
  const changed = [...comparison.tasks].sort(
    (a, b) => a.difference - b.difference || (a.task < b.task ? -1 : 1),
  );
  const worse = changed.filter(({ difference }) => difference < 0);
  const better = changed.filter(({ difference }) => difference > 0).reverse();
  const same = changed.filter(({ difference }) => difference === 0);
  const props = { page, before, after };
  return (
    <ComparisonLayout page={page} title={`${before.name} against ${after.name}`}>
      <h1>
        From <a href={page.to(addresses.job(before.name))}>{before.name}</a> to{' '}
        <a href={page.to(addresses.job(after.name))}>{after.name}</a>
      </h1>
      <p class="lead">{finding(comparison)}</p>
      <Numbers comparison={comparison} />
      {comparison.differences.map(({ kind, detail }) => (
        <p class="label">
          Not the same {kind}: {detail}
        </p>
      ))}
      <TaskChances tasks={comparison.tasks} />
      <div class="tools">
        <Filter list="worse better same" label="Filter tasks" />
        <a href={page.to(addresses.compare([after.name, before.name]))}>the other way round</a>
      </div>
      <Tasks {...props} id="worse" title={`${plural(worse.length, 'task')} got worse`} tasks={worse} />
      <Tasks {...props} id="better" title={`${plural(better.length, 'task')} got better`} tasks={better} />
      <details>
        <summary>{plural(same.length, 'task')} did not change</summary>
        <Tasks {...props} id="same" title="No change" tasks={same} />
      </details>
      {comparison.unpaired.length === 0 ? null : (
        <section>
          <h2>Not compared</h2>
          <p>Without a measured trial on both sides: {comparison.unpaired.join(', ')}.</p>
        </section>
      )}
    </ComparisonLayout>
  );
};

/** The answer in one sentence. */
function finding(comparison: Comparison): string {
  const { difference, sameTasks, nTasks } = comparison;
  if (nTasks === 0) return 'The two have no measured task in common.';
  const p = sameTasks.test.twoSided;
  const moved =
    difference === 0
      ? 'did not change'
      : difference < 0
        ? `fell by ${percent(-difference)} points`
        : `rose by ${percent(difference)} points`;
  const chance = isBeyondChance(p)
    ? `such a difference is unlikely to be chance (${chanceText(p)})`
    : `chance alone gives such a difference often (${chanceText(p)})`;
  const { detectable } = sameTasks;
  const power =
    detectable > 1
      ? `There is ${powerOf(detectable)}`
      : `Smaller differences than ${percent(detectable)} points would rarely be found`;
  return `Over ${plural(nTasks, 'common task')} the mean ${moved}; ${chance}. ${power}.`;
}

const Numbers: FC<{ readonly comparison: Comparison }> = ({ comparison }) => {
  const { sameTasks, newTasks } = comparison;
  const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
    `${points(low)} to ${points(high)}`;
  return (
    <dl class="tiles">
      <Tile name="Before, %">{meanText(comparison, 'before')}</Tile>
      <Tile name="After, %">{meanText(comparison, 'after')}</Tile>
      <Tile name="Difference, points" note={`95 %: ${range(sameTasks.interval)}, for these tasks`}>
        {points(comparison.difference)}
      </Tile>
      <Tile
        name="Chance of it if nothing changed"
        note={`permutation within tasks, ${sameTasks.test.method}`}
      >
        {chanceText(sameTasks.test.twoSided)}
      </Tile>
      {newTasks === null ? null : (
        <Tile
          name="For new tasks of the kind"
          {...(newTasks.p === null ? {} : { note: `95 %: ${range(newTasks.interval)}` })}
        >
          {newTasks.p === null ? 'no spread to judge by' : chanceText(newTasks.p)}
        </Tile>
      )}
    </dl>
  );
};

const Tasks: FC<
  PairProps & { readonly id: string; readonly title: string; readonly tasks: readonly TaskComparison[] }
> = ({ page, before, after, id, title, tasks }) => (
  <section>
    <h2>{title}</h2>
    {tasks.length === 0 ? null : (
      <Scroll label={title}>
        <table class="list grid" id={id} data-sortable>
          <thead>
            <tr>
              <th scope="col" data-sort="text">
                Task
              </th>
              <th scope="col">Before</th>
              <th scope="col">After</th>
              <th scope="col" class="n" data-sort="number">
                Points
              </th>
              <OpenColumn />
            </tr>
          </thead>
          <tbody>
            {tasks.map(({ task, difference }) => (
              <TaskRow {...{ page, before, after, task, difference }} />
            ))}
          </tbody>
        </table>
      </Scroll>
    )}
  </section>
);

const TaskRow: FC<PairProps & { readonly task: string; readonly difference: number }> = ({
  page,
  before,
  after,
  task,
  difference,
}) => {
  const [left, right] = [siblingsOf(before, task), siblingsOf(after, task)];
  const [a, b] = [firstOpen(left), firstOpen(right)];
  return (
    <tr data-row>
      <th scope="row">{task}</th>
      <td class="cells">
        <Cells page={page} job={before.name} cells={left} />
      </td>
      <td class="cells">
        <Cells page={page} job={after.name} cells={right} />
      </td>
      <td class="n" data-value={String(difference)}>
        {points(difference)}
      </td>
      <td>
        {a === null || b === null || difference === 0 ? null : (
          <a
            href={page.to(addresses.side({ job: before.name, trial: a }, { job: after.name, trial: b }))}
            aria-label={`${task} side by side`}
            data-open
          >
            side by side
          </a>
        )}
      </td>
    </tr>
  );
};

function firstOpen(cells: readonly GridCell[]): string | null {
  return cells.find(({ trial }) => trial !== null)?.trial ?? null;
}

const Cells: FC<{
  readonly page: PageContext;
  readonly job: string;
  readonly cells: readonly GridCell[];
}> = ({ page, job, cells }) => (
  <>
    {cells.map((cell) =>
      cell.trial === null ? null : (
        <TrialMark
          page={page}
          job={job}
          cell={cell}
          label={`${cell.trial}: ${stateWords[cell.state].text}`}
        />
      ),
    )}
  </>
);
