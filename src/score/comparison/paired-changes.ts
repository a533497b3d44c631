import { reduced, subtract, type Exact } from '../../base/number/fraction.js';
import { mean } from '../../base/number/mean.js';
import type { JobScore, TaskScore } from '../job/job-score.js';
import { studentQuantile } from '../statistics/interval.js';
import type { Range } from '../statistics/quantile.js';
import { standardError } from '../statistics/standard-error.js';

/** What changed of one figure between two jobs, paired by task; means a trial, shares of trials for endings. */
export interface PairedChange {
  readonly what: string;
  readonly meanBefore: number;
  readonly meanAfter: number;
  /** 95 % for the difference on new tasks of the kind (paired t); null where there is no spread over tasks to judge by. */
  readonly interval: Range | null;
  readonly nTasks: number;
}

type Figure = readonly [what: string, (task: TaskScore) => Exact | null];

const figures: readonly Figure[] = [
  ['turns', (task) => task.turns],
  ['tokens', (task) => task.outputTokens],
  ['format errors', (task) => task.formatErrors],
];

/** Turns, output tokens and format errors of two jobs over the tasks where both record them. */
export function pairedChanges(before: JobScore, after: JobScore): PairedChange[] {
  return changesOf(before, after, figures);
}

/** The share of trials with each ending, over the tasks of both jobs; the most frequent first. */
export function pairedEndings(before: JobScore, after: JobScore): PairedChange[] {
  const all = [...before.tasks, ...after.tasks].flatMap(({ endings }) => endings);
  const names = new Set(all.map((ending) => ending ?? 'unrecorded'));
  const shareOf =
    (name: string) =>
    ({ endings }: TaskScore): Exact => {
      const own = endings.filter((ending) => (ending ?? 'unrecorded') === name).length;
      return reduced(BigInt(own), BigInt(Math.max(1, endings.length)));
    };
  const endings = [...names].map((name): Figure => [name, shareOf(name)]);
  return changesOf(before, after, endings).sort(
    (a, b) => b.meanBefore + b.meanAfter - (a.meanBefore + a.meanAfter),
  );
}

function changesOf(before: JobScore, after: JobScore, asked: readonly Figure[]): PairedChange[] {
  const others = new Map(after.tasks.map((task) => [task.task, task]));
  return asked.flatMap(([what, pick]) => {
    const pairs = before.tasks.flatMap((task) => {
      const other = others.get(task.task);
      const [a, b] = [pick(task), other === undefined ? null : pick(other)];
      return a === null || b === null ? [] : [{ a, b }];
    });
    if (pairs.length === 0) return [];
    const differences = pairs.map(({ a, b }) => subtract(b, a));
    const error = standardError(differences);
    const half = error === null || error === 0 ? null : studentQuantile(0.975, pairs.length - 1) * error;
    const centre = mean(differences);
    return [
      {
        what,
        meanBefore: mean(pairs.map(({ a }) => a)),
        meanAfter: mean(pairs.map(({ b }) => b)),
        interval: half === null ? null : { low: centre - half, high: centre + half },
        nTasks: pairs.length,
      },
    ];
  });
}
