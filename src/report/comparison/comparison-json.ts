import type { Comparison } from '../../score/comparison/compare.js';
import type { JobScore } from '../../score/job/job-score.js';
import { sideCoverage } from '../../score/comparison/comparison-side.js';
import { pairedChanges, pairedEndings, type PairedChange } from '../../score/comparison/paired-changes.js';
import { perTrial } from '../../score/job/cost.js';
import type { ComparisonView } from './comparison-text.js';

/** A comparison for machines; differences are second minus first, fractions of 1. */
export function comparisonToJson(c: Comparison): Record<string, unknown> {
  const known = (value: number): number | null => (c.nTasks === 0 ? null : value);
  return {
    units: {
      difference: 'fraction of 1, after minus before',
      detectable: 'fraction of 1, 80 % power, two-sided 5 %',
    },
    before: c.before.name,
    after: c.after.name,
    set_up_differences: c.differences,
    n_tasks: c.nTasks,
    unpaired_tasks: c.unpaired,
    coverage: { before: sideCoverage(c.before), after: sideCoverage(c.after) },
    mean_before: known(c.meanBefore),
    mean_after: known(c.meanAfter),
    difference: known(c.difference),
    same_tasks: {
      standard_error: c.sameTasks.standardError,
      interval: [c.sameTasks.interval.low, c.sameTasks.interval.high],
      permutation: c.sameTasks.test.method,
      p_two_sided: c.sameTasks.test.twoSided,
      p_drop: c.sameTasks.test.drop,
      detectable: c.sameTasks.detectable,
    },
    new_tasks:
      c.newTasks === null
        ? null
        : {
            standard_error: c.newTasks.standardError,
            interval: [c.newTasks.interval.low, c.newTasks.interval.high],
            paired_t_p: c.newTasks.p,
            detectable: c.newTasks.detectable,
          },
    won: c.tasks.filter((task) => task.difference > 0).map((task) => task.task),
    lost: c.tasks.filter((task) => task.difference < 0).map((task) => task.task),
    tasks: Object.fromEntries(
      c.tasks.map((task) => [
        task.task,
        { before: task.before, after: task.after, difference: task.difference },
      ]),
    ),
  };
}

function changeToJson({
  what,
  meanBefore,
  meanAfter,
  interval,
  nTasks,
}: PairedChange): Record<string, unknown> {
  return {
    what,
    before: meanBefore,
    after: meanAfter,
    interval: interval === null ? null : [interval.low, interval.high],
    n_tasks: nTasks,
  };
}

/** The same with what else changed between two jobs: endings, tokens and time a trial. */
export function comparisonViewToJson({ comparison, before, after }: ComparisonView): Record<string, unknown> {
  const side = (score: JobScore): Record<string, unknown> => ({
    endings: score.counts.endings,
    input_tokens_per_trial: perTrial(score, score.cost.inputTokens),
    output_tokens_per_trial: perTrial(score, score.cost.outputTokens),
    ms_per_trial: perTrial(score, score.cost.trialMs),
  });
  return {
    ...comparisonToJson(comparison),
    changes:
      before === null || after === null
        ? null
        : {
            before: side(before),
            after: side(after),
            paired: pairedChanges(before, after).map(changeToJson),
            paired_endings: pairedEndings(before, after).map(changeToJson),
          },
  };
}
