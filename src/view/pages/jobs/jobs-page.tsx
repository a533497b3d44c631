import type { FC } from 'hono/jsx';
import { percent } from '../../../base/number/decimal.js';
import { plural } from '../../../base/plural.js';
import { scoreCells } from '../../../report/score/score-cells.js';
import { meanAndStd } from '../../../report/text/format.js';
import { addresses } from '../../address.js';
import type { ShelvedJob, UnreadJob } from '../../job-shelf.js';
import { Layout } from '../layout.js';
import type { PageContext } from '../page-context.js';
import { Meter, Whisker } from '../parts/bars.js';
import { Filter } from '../parts/facts.js';
import { Curves } from './curves.js';
import { plannedOf, startOf, standing } from './standing.js';

interface JobsProps {
  readonly page: PageContext;
  readonly jobs: readonly ShelvedJob[];
  readonly unread: readonly UnreadJob[];
  /** Folders of jobs that are being read. */
  readonly waiting: readonly string[];
}

/** What ran, where it stands, and two or more to compare. */
export const JobsPage: FC<JobsProps> = ({ page, jobs, unread, waiting }) => (
  <Layout page={page} title="Jobs" crumbs={[{ text: page.results, address: null }]} live="live/jobs">
    <h1>Jobs</h1>
    <p class="lead" id="jobs-lead" data-live-part>
      {plural(jobs.length + waiting.length, 'job')} in {page.results}
      {waiting.length === 0 ? '' : `, ${waiting.length} of them being read: they come by themselves`}. Open
      one to see its tasks, or choose two or more to compare.
    </p>
    {jobs.length + waiting.length === 0 ? (
      <p class="empty-note">
        Nothing has run here yet. <code>tbench run --agent oracle --dataset sample</code> makes a first job.
      </p>
    ) : (
      <form class="jobs-form" action={page.to('compare')} method="get" data-compare>
        <div class="tools">
          <Filter list="jobs" label="Filter" />
          {page.isServed ? <button type="submit">Compare chosen</button> : null}
        </div>
        <JobTable page={page} jobs={jobs} />
      </form>
    )}
    {page.isServed ? null : <Comparisons page={page} jobs={jobs} />}
    <Curves page={page} jobs={jobs} />
    {unread.length === 0 ? null : (
      <section>
        <h2>Not readable</h2>
        <ul>
          {unread.map(({ name, problem }) => (
            <li>
              <b>{name}</b>: {problem}
            </li>
          ))}
        </ul>
      </section>
    )}
  </Layout>
);

/** Of more jobs every two are reached by the page of all of them. */
const mostPaired = 6;

/** In an export nothing can be chosen, so what can be compared is listed. */
const Comparisons: FC<Pick<JobsProps, 'page' | 'jobs'>> = ({ page, jobs }) => {
  const names = jobs.map(({ name }) => name);
  const pairs =
    jobs.length > mostPaired ? [] : names.flatMap((a) => names.filter((b) => b !== a).map((b) => [a, b]));
  return jobs.length < 2 ? null : (
    <section>
      <h2>Compared</h2>
      <ul>
        {jobs.length > 2 ? (
          <li>
            <a href={page.to(addresses.compare(names))}>all {jobs.length} jobs</a>
          </li>
        ) : null}
        {pairs.map((pair) => (
          <li>
            <a href={page.to(addresses.compare(pair))}>
              from {pair[0]} to {pair[1]}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
};

const JobTable: FC<Pick<JobsProps, 'page' | 'jobs'>> = ({ page, jobs }) => (
  <table class="list jobs" id="jobs" data-sortable data-live-part>
    <thead>
      <tr>
        <th scope="col">
          <span class="visually-hidden">Choose</span>
        </th>
        <th scope="col" data-sort="text">
          Job
        </th>
        <th scope="col" data-sort="number" class="n">
          Mean ± std, %
        </th>
        <th scope="col">95 % over tasks</th>
        <th scope="col" data-sort="number">
          Measured
        </th>
        <th scope="col">Endings</th>
        <th scope="col" data-sort="text">
          Started
        </th>
      </tr>
    </thead>
    <tbody>
      {[...jobs]
        .sort((a, b) => (startOf(a) < startOf(b) ? 1 : -1))
        .map((job) => (
          <JobRow page={page} job={job} />
        ))}
    </tbody>
  </table>
);

const JobRow: FC<{ readonly page: PageContext; readonly job: ShelvedJob }> = ({ page, job }) => {
  const { score, name } = job;
  const { text, kind } = standing(job);
  const planned = plannedOf(job);
  const fraction = planned === 0 ? 0 : score.coverage.measured / planned;
  return (
    <tr data-row id={`job-${encodeURIComponent(name)}`}>
      <td class="choose">
        {page.isServed ? (
          <input type="checkbox" name="job" value={name} aria-label={`Choose ${name}`} />
        ) : null}
      </td>
      <td class="what">
        <a href={page.to(addresses.job(name))} data-open>
          {name}
        </a>
        <small>
          {score.model} · {score.dataset} · {score.harness}
        </small>
        {score.labels.map((label) => (
          <span class="chip warn">{label}</span>
        ))}
      </td>
      <td class="n score" data-label="Mean ± std, %" data-value={String(score.mean)}>
        {meanAndStd(score)}
      </td>
      <IntervalCell job={job} />
      <td data-label="Measured" data-value={String(fraction)}>
        <Meter fraction={fraction} label={`${percent(fraction)} % measured`} kind={kind} />{' '}
        <small>
          {score.coverage.measured} of {planned} · {text}
        </small>
      </td>
      <td data-label={score.nTrials === 0 ? undefined : 'Endings'}>
        <small>
          {Object.entries(score.counts.endings)
            .slice(0, 3)
            .map(([ending, count]) => `${ending} ${count}`)
            .join(', ')}
        </small>
      </td>
      <td data-label="Started" data-value={startOf(job)} class="nowrap">
        <small>{startOf(job).slice(0, 16).replace('T', ' ')}</small>
      </td>
    </tr>
  );
};

const IntervalCell: FC<{ readonly job: ShelvedJob }> = ({ job: { score } }) => {
  const { bootstrap } = score.uncertainty;
  const { interval } = scoreCells(score);
  return (
    <td data-label="95 % over tasks" class="nowrap">
      {score.coverage.measured === 0 ? (
        interval
      ) : (
        <>
          <Whisker
            mean={score.mean}
            low={bootstrap.low}
            high={bootstrap.high}
            label={`95 % interval ${interval} %`}
          />{' '}
          <small>{interval}</small>
        </>
      )}
    </td>
  );
};
