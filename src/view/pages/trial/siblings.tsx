import type { FC } from 'hono/jsx';
import { addresses } from '../../address.js';
import { stateWords } from '../../trial-state.js';
import { TrialMark } from '../parts/mark.js';
import type { TrialProps } from './trial-props.js';

/** The attempts at the same task, this one marked, and the ways to the next and the previous. */
export const Siblings: FC<TrialProps> = ({ page, data }) => {
  const { job, name, siblings, task } = data;
  const open = siblings.flatMap(({ trial }) => (trial === null ? [] : [trial]));
  const at = open.indexOf(name);
  const [previous, next] = [open[at - 1], open[at + 1]];
  return (
    <nav class="siblings" aria-label={`Attempts at ${task}`}>
      {previous === undefined ? null : (
        <a href={page.to(addresses.trial(job.name, previous))} data-key="p" rel="prev">
          ← previous
        </a>
      )}
      <ol>
        {siblings.map((cell) => {
          const label = `attempt ${cell.run}: ${stateWords[cell.state].text}`;
          return (
            <li>
              <TrialMark page={page} job={job.name} cell={cell} label={label} isThis={cell.trial === name} />
            </li>
          );
        })}
      </ol>
      {next === undefined ? null : (
        <a href={page.to(addresses.trial(job.name, next))} data-key="n" rel="next">
          next →
        </a>
      )}
      {other(open, name) === null ? null : (
        <a
          href={page.to(
            addresses.side(
              { job: job.name, trial: name },
              { job: job.name, trial: other(open, name) ?? name },
            ),
          )}
        >
          side by side
        </a>
      )}
    </nav>
  );
};

/** The trial to hold this one against: the next, or the one before the last. */
function other(open: readonly string[], name: string): string | null {
  const at = open.indexOf(name);
  return open[at + 1] ?? (at > 0 ? (open[at - 1] ?? null) : null);
}
