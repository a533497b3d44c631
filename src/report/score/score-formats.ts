import type { JobScore } from '../../score/job/job-score.js';
import { renderCsv, renderMarkdownTable } from '../text/delimited.js';
import { areToldApart, exceptionCount, scoreCells, scoreColumns, type ScoreColumn } from './score-cells.js';

/** The scores as a Markdown table, ready for a model card or a pull request. */
export function renderScoreMarkdown(scores: readonly JobScore[]): string {
  const names: readonly ScoreColumn[] = [
    ...(areToldApart(scores) ? [] : (['job'] as const)),
    ...([
      'model',
      'dataset',
      'harness',
      'score',
      'measured',
      'interval',
      'tasks',
      'passes',
      'remarks',
    ] as const),
  ];
  const rows = scores.map((score) => {
    const cells = scoreCells(score);
    return names.map((name) => cells[name]);
  });
  return `${renderMarkdownTable(
    names.map((name) => scoreColumns[name]),
    rows,
  )}\n`;
}

const csvHeader = [
  'job',
  'model',
  'dataset',
  'harness',
  'mean',
  'std',
  'measured',
  'planned',
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
  'no_verdict',
  'input_tokens',
  'output_tokens',
  'trial_ms',
  'labels',
];

/** One CSV row a job; fractions of 1 with all digits, nothing where nothing was measured. */
export function renderScoreCsv(scores: readonly JobScore[]): string {
  return renderCsv(
    csvHeader,
    scores.map((score) => [
      score.name,
      score.model,
      score.dataset,
      score.harness,
      known(score, score.mean),
      known(score, score.std),
      score.coverage.measured,
      score.coverage.planned,
      score.nTasks,
      score.runs.length,
      score.nTrials,
      score.passes,
      known(score, score.passRate),
      score.coverage.fraction,
      score.coverage.meanOfMeasured,
      known(score, score.uncertainty.expectedStd),
      known(score, score.uncertainty.fixedTaskStandardError),
      known(score, score.uncertainty.clusteredStandardError),
      known(score, score.uncertainty.bootstrap.low),
      known(score, score.uncertainty.bootstrap.high),
      exceptionCount(score),
      score.coverage.notMeasured,
      score.cost.inputTokens,
      score.cost.outputTokens,
      score.cost.trialMs,
      score.labels.join('; '),
    ]),
  );
}

function known({ coverage }: JobScore, value: number | null): number | null {
  return coverage.measured === 0 ? null : value;
}
