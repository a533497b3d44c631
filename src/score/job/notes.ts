import type { JobSummary } from '../../record/job-summary.js';
import type { Coverage } from './job-score.js';
import type { RunOrder } from './run-order.js';
import { plural } from '../../base/plural.js';
import { appendAll } from '../../base/append-all.js';

const orderNotes: Readonly<Record<RunOrder, string | null>> = {
  attempt: null,
  'started-at':
    'attempts are paired into runs by start time, then name: the record numbers none, so ± depends on it',
  name: 'attempts are paired into runs by trial name, so ± depends on it',
  apfs: 'attempts are paired into runs in the order a Mac lists the folder, so ± depends on it',
};

/** What a reader should know about how a job's number came about. */
export function noteJob(
  job: JobSummary,
  made: { readonly runOrder: RunOrder; readonly coverage: Coverage },
): string[] {
  const { coverage } = made;
  const notes: string[] = [];
  const order = orderNotes[made.runOrder];
  if (order !== null && coverage.attemptsMax > 1) notes.push(order);
  if (coverage.attemptsMin !== coverage.attemptsMax) {
    notes.push(
      `tasks have ${coverage.attemptsMin} to ${coverage.attemptsMax} attempts: the mean weighs tasks alike, runs differ in size, pass@k stops at ${coverage.attemptsMin}`,
    );
  }
  if (coverage.notMeasured > 0)
    notes.push(`${plural(coverage.notMeasured, 'trial')} without a verdict counted as 0`);
  if (coverage.missing > 0)
    notes.push(`${plural(coverage.missing, 'planned trial')} without a result left out`);
  appendAll(notes, handNotes(job));
  if (job.incomplete.length > 0) notes.push(`${plural(job.incomplete.length, 'trial folder')} not finished`);
  if (job.problems.length > 0) notes.push(problemNote(job));
  if (job.trials.some((trial) => trial.endingInferred))
    notes.push('endings are inferred: the record stores none');
  const lowered = job.trials.filter(
    (trial) => trial.reward !== null && trial.effectiveReward !== trial.reward,
  ).length;
  if (lowered > 0) notes.push(`${plural(lowered, 'reward')} changed by integrity rules`);
  return notes;
}

const problemsNamed = 3;

/** What could not be read or was passed over, by name: the first few. */
function problemNote({ dir, problems }: JobSummary): string {
  const named = problems.slice(0, problemsNamed).map(({ path, message }) => {
    const inside = path.startsWith(`${dir}/`) ? path.slice(dir.length + 1) : path;
    return `${inside} ${message}`;
  });
  const rest = problems.length - named.length;
  return `${plural(problems.length, 'problem')}: ${named.join('; ')}${rest > 0 ? `; and ${rest} more, which --json lists` : ''}`;
}

/** What people did to the job while it ran, as far as it bears on the numbers. */
function handNotes({ cancelled, trials }: JobSummary): string[] {
  const pauses = trials.flatMap(({ clock }) => ((clock?.pausedMs ?? 0) > 0 ? [clock?.pausedMs ?? 0] : []));
  const pausedS = Math.round(pauses.reduce((sum, ms) => sum + ms, 0) / 1000);
  return [
    ...(cancelled !== null && cancelled > 0
      ? [`${plural(cancelled, 'trial')} cancelled by hand: no verdict, not counted`]
      : []),
    ...(pauses.length > 0
      ? [`${plural(pauses.length, 'trial')} paused by hand, ${pausedS} s in all: not the model's time`]
      : []),
  ];
}
