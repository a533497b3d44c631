import type { FC } from 'hono/jsx';
import { percent } from '../../../base/number/decimal.js';
import { scoreCells } from '../../../report/score/score-cells.js';
import { scoreLines } from '../../../report/score/score-details.js';
import { meanAndStd, quantity } from '../../../report/text/format.js';
import { addresses } from '../../address.js';
import { gridOf } from '../../grid.js';
import type { ShelvedJob } from '../../job-shelf.js';
import { stateOf } from '../../trial-state.js';
import { plannedOf } from '../jobs/standing.js';
import { Layout } from '../layout.js';
import { Whisker } from '../parts/bars.js';
import { Facts, Tile } from '../parts/facts.js';
import { Breakdown } from './breakdown.js';
import { Grid } from './grid-table.js';
import type { JobProps } from './job-props.js';
import { LivePanel } from './live-panel.js';
import { Unmeasured } from './unmeasured.js';

/** One job: its number, its trials at a glance, and where they went. */
export const JobPage: FC<JobProps> = ({ page, job }) => {
  const { score, name } = job;
  return (
    <Layout
      page={page}
      title={name}
      crumbs={[
        { text: 'Jobs', address: addresses.jobs },
        { text: name, address: null },
      ]}
      live={!job.isRunning ? null : `live/job/${encodeURIComponent(name)}`}
    >
      <h1>{name}</h1>
      <p class="lead">
        {score.model} on {score.dataset === 'unknown' ? 'tasks of an unknown dataset' : score.dataset},
        harness {score.harness}
      </p>
      {score.labels.map((label) => (
        <p class="label">{label}</p>
      ))}
      <Headline job={job} />
      <nav class="contents" aria-label="On this page">
        <a href="#grid">Trials</a>
        {score.coverage.notMeasured > 0 || job.summary.incomplete.length > 0 ? (
          <a href="#no-verdict">No verdict</a>
        ) : null}
        <a href="#endings">Endings</a>
        {score.cost.trialMs === null ? null : <a href="#time">Time</a>}
        <a href="#groups">Categories</a>
        <a href="#more">All numbers</a>
      </nav>
      <LivePanel page={page} job={job} />
      <Grid page={page} job={name} rows={gridOf(job)} />
      <Unmeasured page={page} job={job} />
      <Breakdown score={score} trials={job.summary.trials} />
      <section>
        <h2 id="more">All numbers</h2>
        <Facts rows={scoreLines(score)} />
      </section>
    </Layout>
  );
};

function runsNote(runs: number): string {
  if (runs === 0) return 'nothing has ended yet';
  return runs === 1 ? 'one run, so no std' : `over ${runs} runs`;
}

const Headline: FC<{ readonly job: ShelvedJob }> = ({ job }) => {
  const { score, summary } = job;
  const { bootstrap } = score.uncertainty;
  const count = (state: ReturnType<typeof stateOf>): number =>
    summary.trials.filter((trial) => stateOf(trial) === state).length;
  const partial = count('partial');
  return (
    <dl class="tiles" id="headline" data-live-part>
      <div class="tile lead-tile">
        <dt>Mean ± std, %</dt>
        <dd>
          <b>{meanAndStd(score)}</b>
          <small>
            {job.isRunning && score.runs.length > 0 ? 'so far, ' : ''}
            {runsNote(score.runs.length)}
          </small>
        </dd>
      </div>
      <div class="tile wide">
        <dt>95 % interval over tasks</dt>
        <dd>
          <b>{scoreCells(score).interval}</b>
          {score.coverage.measured === 0 ? null : (
            <Whisker
              mean={score.mean}
              low={bootstrap.low}
              high={bootstrap.high}
              label={`mean ${percent(score.mean)} %, interval ${percent(bootstrap.low)} to ${percent(bootstrap.high)} %`}
            />
          )}
        </dd>
      </div>
      <Tile name="Passed" note={partial === 0 ? null : `and ${partial} partial`}>
        {String(count('passed'))}
      </Tile>
      <Tile name="Failed">{String(count('failed'))}</Tile>
      <Tile name="No verdict" note={score.coverage.notMeasured === 0 ? null : 'counted as 0'}>
        {String(count('none'))}
      </Tile>
      <Tile name="Measured" note={`of ${plannedOf(job)} planned`}>
        {String(score.coverage.measured)}
      </Tile>
      <Tile
        name="Tokens written"
        note={score.cost.inputTokens === null ? null : `${quantity(score.cost.inputTokens)} read`}
      >
        {score.cost.outputTokens === null ? '–' : quantity(score.cost.outputTokens)}
      </Tile>
    </dl>
  );
};
