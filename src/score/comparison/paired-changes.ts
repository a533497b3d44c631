import { mean } from '../../base/number/mean.js';
import type { JobScore, TaskScore } from '../job/job-score.js';
import { studentQuantile } from '../statistics/interval.js';
import type { Range } from '../statistics/quantile.js';
import { standardError } from '../statistics/standard-error.js';

/** What changed of one figure between two jobs, paired by task; means a trial. */
export interface PairedChange {
  readonly what: 'turns' | 'tokens' | 'format errors';
  readonly meanBefore: number;
  readonly meanAfter: number;
  /** 95 % for the difference on new tasks of the kind (paired t); null for fewer than two tasks. */
  readonly interval: Range | null;
  readonly nTasks: number;
}

const figures: readonly (readonly [PairedChange['what'], (task: TaskScore) => number | null])[] = [
  ['turns', (task) => task.turns],
  ['tokens', (task) => task.outputTokens],
  ['format errors', (task) => task.formatErrors],
];

/** Turns, output tokens and format errors of two jobs over the tasks where both record them. */
export function pairedChanges(before: JobScore, after: JobScore): PairedChange[] {
  const others = new Map(after.tasks.map((task) => [task.task, task]));
  return figures.flatMap(([what, pick]) => {
    const pairs = before.tasks.flatMap((task) => {
      const other = others.get(task.task);
      const [a, b] = [pick(task), other === undefined ? null : pick(other)];
      return a === null || b === null ? [] : [{ a, b }];
    });
    if (pairs.length === 0) return [];
    const differences = pairs.map(({ a, b }) => b - a);
    const error = standardError(differences);
    const half = error === null ? null : studentQuantile(0.975, pairs.length - 1) * error;
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
