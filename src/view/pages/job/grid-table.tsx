import type { FC } from 'hono/jsx';
import { percent } from '../../../base/number/decimal.js';
import type { GridCell, GridRow } from '../../grid.js';
import { stateWords, type MarkState } from '../../trial-state.js';
import type { PageContext } from '../page-context.js';
import { Filter, Scroll } from '../parts/facts.js';
import { Legend, TrialMark } from '../parts/mark.js';
import { greatest } from '../../../base/number/extremes.js';

const states: readonly MarkState[] = [
  'passed',
  'partial',
  'failed',
  'none',
  'running',
  'cancelled',
  'waiting',
];

/** Tasks × attempts, each cell a trial to open. */
export const Grid: FC<{
  readonly page: PageContext;
  readonly job: string;
  readonly rows: readonly GridRow[];
}> = ({ page, job, rows }) => {
  const runs = Math.max(0, greatest(rows.map(({ cells }) => cells.length)));
  const seen = states.filter((state) => rows.some(({ cells }) => cells.some((cell) => cell.state === state)));
  const hasCategory = rows.some(({ category }) => category !== null);
  const hasDifficulty = rows.some(({ difficulty }) => difficulty !== null);
  return (
    <section>
      <h2 id="grid">Trials</h2>
      <div class="tools">
        <Filter list="tasks" label="Filter tasks" />
        <Legend states={seen} />
      </div>
      <Scroll label="Tasks and their attempts">
        <table class="list grid" id="tasks" data-sortable data-live-part>
          <thead>
            <tr>
              <th scope="col" data-sort="text">
                Task
              </th>
              <th scope="colgroup" colspan={Math.max(1, runs)}>
                {runs === 1 ? 'Attempt' : `Attempts 1 to ${runs}`}
              </th>
              <th scope="col" class="n" data-sort="number">
                Mean, %
              </th>
              {hasCategory ? (
                <th scope="col" data-sort="text">
                  Category
                </th>
              ) : null}
              {hasDifficulty ? (
                <th scope="col" data-sort="text">
                  Difficulty
                </th>
              ) : null}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr data-row>
                <th scope="row">{row.task}</th>
                {Array.from({ length: Math.max(1, runs) }, (_, index) => (
                  <td class="cell">
                    <Cell page={page} job={job} task={row.task} cell={row.cells[index]} />
                  </td>
                ))}
                <td class="n" data-value={String(row.mean ?? -1)}>
                  {row.mean === null ? '–' : percent(row.mean)}
                </td>
                {hasCategory ? <td>{row.category ?? '–'}</td> : null}
                {hasDifficulty ? <td>{row.difficulty ?? '–'}</td> : null}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
};

const Cell: FC<{
  readonly page: PageContext;
  readonly job: string;
  readonly task: string;
  readonly cell: GridCell | undefined;
}> = ({ page, job, task, cell }) => {
  if (cell === undefined) return null;
  const { text } = stateWords[cell.state];
  const ending = cell.summary?.ending ?? null;
  const label = `${task} ${cell.run}: ${text}${ending === null ? '' : `, ${ending}`}`;
  return <TrialMark page={page} job={job} cell={cell} label={label} title={label} />;
};
