import { percent } from '../../base/number/decimal.js';
import type { JobScore } from '../../score/job/job-score.js';
import { meanAndStd } from '../text/format.js';

/** What a row about a job may show, whichever form it is written in. */
export const scoreColumns = {
  job: { title: 'job', shrink: true },
  model: { title: 'model', shrink: true },
  dataset: { title: 'dataset', shrink: true },
  harness: { title: 'harness', shrink: true },
  score: { title: 'mean ± std %', align: 'right' },
  measured: { title: 'measured', align: 'right' },
  interval: { title: '95 % over tasks', align: 'right' },
  tasks: { title: 'tasks × runs', align: 'right' },
  passes: { title: 'passes', align: 'right' },
  exceptions: { title: 'exceptions', align: 'right' },
  remarks: { title: 'remarks' },
} as const;
export type ScoreColumn = keyof typeof scoreColumns;

/** The cells of one job. `measured` is of the planned trials: it stands beside the number, wherever that is shown. */
export function scoreCells(score: JobScore): Readonly<Record<ScoreColumn, string>> {
  const { coverage, uncertainty } = score;
  return {
    job: score.name,
    model: score.model,
    dataset: score.dataset,
    harness: score.harness,
    score: meanAndStd(score),
    measured: `${coverage.measured}/${coverage.planned}`,
    interval:
      coverage.measured === 0
        ? '–'
        : `${percent(uncertainty.bootstrap.low)}–${percent(uncertainty.bootstrap.high)}`,
    tasks: `${score.nTasks} × ${score.runs.length}`,
    passes: coverage.measured === 0 ? '–' : `${score.passes}/${score.nTrials}`,
    exceptions: String(exceptionCount(score)),
    remarks: score.labels.join('; '),
  };
}

/** Whether model, dataset and harness tell the jobs apart; where they do not, rows need the job's name. */
export function areToldApart(scores: readonly JobScore[]): boolean {
  const keys = scores.map(({ model, dataset, harness }) => JSON.stringify([model, dataset, harness]));
  return new Set(keys).size === keys.length;
}

/** Trials that ended with an exception, a timeout of the agent included. */
export function exceptionCount({ counts }: JobScore): number {
  return Object.values(counts.errors).reduce((sum, count) => sum + count, 0);
}
