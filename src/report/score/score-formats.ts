import type { JobScore } from '../../score/job/job-score.js';
import { renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { percent } from '../../base/number/decimal.js';
import { meanAndStd } from '../text/format.js';

/** The scores as a Markdown table, ready for a model card or a pull request. */
export function renderScoreMarkdown(scores: readonly JobScore[]): string {
  const columns = [
    { title: 'model' },
    { title: 'dataset' },
    { title: 'harness' },
    { title: 'mean ± std, %', align: 'right' },
    { title: '95 % over tasks', align: 'right' },
    { title: 'tasks × runs', align: 'right' },
    { title: 'passes', align: 'right' },
    { title: 'measured', align: 'right' },
    { title: 'remarks' },
  ] as const;
  const rows = scores.map((score) => [
    score.model,
    score.dataset,
    score.harness,
    meanAndStd(score),
    `${percent(score.uncertainty.bootstrap.low)}–${percent(score.uncertainty.bootstrap.high)}`,
    `${score.nTasks} × ${score.runs.length}`,
    `${score.passes}/${score.nTrials}`,
    `${percent(score.coverage.fraction)} %`,
    score.labels.join('; '),
  ]);
  return `${renderMarkdownTable(columns, rows)}\n`;
}

const csvHeader = [
  'job',
  'model',
  'dataset',
  'harness',
  'mean',
  'std',
  'n_tasks',
  'n_runs',
  'n_trials',
  'passes',
  'pass_rate',
  'coverage',
  'mean_of_measured',
  'expected_std',
  'fixed_task_standard_error',
  'clustered_standard_error',
  'interval_low',
  'interval_high',
  'errors',
  'input_tokens',
  'output_tokens',
  'trial_ms',
  'labels',
];

/** One CSV row a job; fractions of 1 with all digits. */
export function renderScoreCsv(scores: readonly JobScore[]): string {
  return renderCsv(
    csvHeader,
    scores.map((score) => [
      score.name,
      score.model,
      score.dataset,
      score.harness,
      score.mean,
      score.std,
      score.nTasks,
      score.runs.length,
      score.nTrials,
      score.passes,
      score.passRate,
      score.coverage.fraction,
      score.coverage.meanOfMeasured,
      score.uncertainty.expectedStd,
      score.uncertainty.fixedTaskStandardError,
      score.uncertainty.clusteredStandardError,
      score.uncertainty.bootstrap.low,
      score.uncertainty.bootstrap.high,
      Object.values(score.counts.errors).reduce((sum, count) => sum + count, 0),
      score.cost.inputTokens,
      score.cost.outputTokens,
      score.cost.trialMs,
      score.labels.join('; '),
    ]),
  );
}
