import type { FC } from 'hono/jsx';
import { percent, points } from '../../../base/number/decimal.js';
import { plural } from '../../../base/plural.js';
import { chanceText } from '../../words.js';
import { markedMean } from '../../../report/text/format.js';
import { isBeyondChance, pairTasks } from '../../../score/comparison/compare.js';
import { sideOfJob } from '../../../score/comparison/comparison-side.js';
import { correctForMany, levelOfEach } from '../../../score/comparison/correct-for-many.js';
import { sameTasksEstimate } from '../../../score/comparison/paired.js';
import { pairedDifference, permutationTest } from '../../../score/statistics/permutation.js';
import { addresses } from '../../address.js';
import type { ShelvedJob } from '../../job-shelf.js';
import { ComparisonLayout } from './comparison-layout.js';
import type { PageContext } from '../page-context.js';
import { Filter, Scroll } from '../parts/facts.js';
import { OpenColumn } from '../parts/open-column.js';

interface ManyProps {
  readonly page: PageContext;
  readonly jobs: readonly ShelvedJob[];
}

/** Many jobs: every task under every job, and every two jobs against each other. */
export const ManyPage: FC<ManyProps> = ({ page, jobs }) => (
  <ComparisonLayout page={page} title={`${jobs.length} jobs compared`}>
    <h1>{jobs.length} jobs compared</h1>
    <nav class="contents" aria-label="On this page">
      <a href="#pairs">Every two</a>
      <a href="#matrix">Task by task</a>
    </nav>
    <Pairs page={page} jobs={jobs} />
    <Matrix page={page} jobs={jobs} />
  </ComparisonLayout>
);

interface PairOfJobs {
  readonly a: ShelvedJob;
  readonly b: ShelvedJob;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
  readonly tasks: number;
}

function everyPair(jobs: readonly ShelvedJob[]): PairOfJobs[] {
  const two = jobs.flatMap((a, index) => jobs.slice(index + 1).map((b) => [a, b] as const));
  const level = levelOfEach(0.95, two.length);
  const found = two.map(([a, b]) => {
    const pairs = pairTasks(sideOfJob(a.summary), sideOfJob(b.summary));
    const { low, high } = sameTasksEstimate(pairs, level).interval;
    const p = pairs.length === 0 ? 1 : permutationTest(pairs, 5000).twoSided;
    return { a, b, difference: pairedDifference(pairs), low, high, p, tasks: pairs.length };
  });
  const corrected = correctForMany(found.map(({ p }) => p));
  return found.map((pair, index) => ({ ...pair, p: corrected[index] ?? 1 })).sort((x, y) => x.p - y.p);
}

const Pairs: FC<ManyProps> = ({ page, jobs }) => {
  const pairs = everyPair(jobs);
  return (
    <section>
      <h2 id="pairs">Every two, corrected for their number</h2>
      <p>
        Differences over the tasks that both measured. The intervals hold all {pairs.length} together at 95 %
        (Bonferroni), the chances are Holm’s.
      </p>
      <Scroll label="Pairwise differences">
        <table class="list" data-sortable>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col" class="n" data-sort="number">
                Points
              </th>
              <th scope="col">Interval</th>
              <th scope="col">Chance</th>
              <th scope="col" class="n">
                Tasks
              </th>
              <OpenColumn />
            </tr>
          </thead>
          <tbody>
            {pairs.map(({ a, b, difference, low, high, p, tasks }) => (
              <tr data-row class={isBeyondChance(p) ? 'clear' : undefined}>
                <th scope="row">{a.name}</th>
                <td>{b.name}</td>
                <td class="n" data-value={String(difference)}>
                  {tasks === 0 ? '–' : points(difference)}
                </td>
                <td class="nowrap">{tasks === 0 ? 'no common task' : `${points(low)} to ${points(high)}`}</td>
                <td class="nowrap">
                  {chanceText(p)}
                  {isBeyondChance(p) ? ' · beyond chance' : ''}
                </td>
                <td class="n">{tasks}</td>
                <td>
                  <a
                    href={page.to(addresses.compare([a.name, b.name]))}
                    aria-label={`${a.name} to ${b.name}, by task`}
                    data-open
                  >
                    by task
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
};

const Matrix: FC<ManyProps> = ({ page, jobs }) => {
  const means = jobs.map(
    ({ score }) =>
      new Map(score.tasks.map(({ task, mean, measured }) => [task, measured === 0 ? null : mean])),
  );
  const tasks = [...new Set(means.flatMap((map) => [...map.keys()]))].sort();
  return (
    <section>
      <h2 id="matrix">{plural(tasks.length, 'task')} by job</h2>
      <div class="tools">
        <Filter list="matrix-table" label="Filter tasks" />
      </div>
      <Scroll label="Tasks by job">
        <table class="list matrix" id="matrix-table" data-sortable>
          <thead>
            <tr>
              <th scope="col" data-sort="text">
                Task
              </th>
              {jobs.map(({ name, score }) => (
                <th scope="col" class="n" data-sort="number">
                  <a href={page.to(addresses.job(name))}>{name}</a>
                  <small>{markedMean(score)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tasks.map((task) => (
              <tr data-row>
                <th scope="row">{task}</th>
                {means.map((map) => {
                  const mean = map.get(task) ?? null;
                  return (
                    <td
                      class={`n heat-${mean === null ? 'none' : Math.round(Math.min(1, Math.max(0, mean)) * 4)}`}
                      data-value={String(mean ?? -Infinity)}
                    >
                      {mean === null ? '–' : percent(mean)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
};
