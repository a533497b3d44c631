import type { JobSummary } from '../../record/job-summary.js';
import { isPass, type TrialSummary } from '../../record/trial-summary.js';
import type { PublishedCell } from '../../results/published.js';
import type { JobScore } from '../../score/job/job-score.js';
import { findContext, findCost, findEndings, findMeans, findTasks, findTime } from './findings.js';
import { contextChart, endingsChart, timeChart, type ContextUse } from './jobs-chart.js';
import { meansChart } from './means-chart.js';
import { renderChart, type ChartSpec } from './render-chart.js';
import { costCharts, heatMap } from './tasks-chart.js';

/** A rendered chart: `name` is fit for a file, `finding` says in words what it shows. */
export interface Picture {
  readonly name: string;
  readonly finding: string;
  readonly svg: string;
}

export interface ReportedJob {
  readonly summary: JobSummary;
  readonly score: JobScore;
}

/** All pictures of a report: those over all jobs, then those of each job. Nothing is drawn from what is not recorded. */
export async function drawCharts(
  jobs: readonly ReportedJob[],
  published: readonly PublishedCell[],
): Promise<Picture[]> {
  const scores = jobs.map((job) => job.score);
  const uses = jobs.map(({ summary }) => ({ name: summary.name, context: contextOf(summary) }));
  const context = contextChart(uses);
  const specs: readonly (readonly [string, string, ChartSpec | null])[] = [
    ['means', findMeans(scores), meansChart(scores, published)],
    ['endings', findEndings(scores), endingsChart(scores)],
    ['time', findTime(scores), timeChart(scores)],
    ['context', findContext(uses.flatMap((use) => use.context)), context],
    ...scores.flatMap((score, index) => jobSpecs(score, index + 1)),
  ];
  const pictures: Picture[] = [];
  for (const [name, finding, spec] of specs) {
    if (spec !== null) pictures.push({ name, finding, svg: await renderChart(spec) });
  }
  return pictures;
}

function jobSpecs(score: JobScore, number: number): [string, string, ChartSpec][] {
  const costs = costCharts(score).map((spec, index): [string, string, ChartSpec] => [
    `job${number}-cost${index + 1}`,
    findCost(score),
    spec,
  ]);
  return [[`job${number}-tasks`, findTasks(score), heatMap(score)], ...costs];
}

/** Context at the end of each trial where turns were counted, else the mean prompt of a turn. */
function contextOf(job: JobSummary): ContextUse[] {
  const exact = job.trials.some((trial) => trial.contextTokens !== null);
  return job.trials.flatMap((trial): ContextUse[] => {
    const { input } = trial.tokens;
    const mean = input === null || trial.turns === null || trial.turns === 0 ? null : input / trial.turns;
    const tokens = exact ? trial.contextTokens : mean;
    return tokens === null ? [] : [{ tokens, outcome: outcomeOf(trial), exact }];
  });
}

function outcomeOf(trial: TrialSummary): ContextUse['outcome'] {
  if (!trial.measured) return 'no verdict';
  return isPass(trial) ? 'passed' : 'not passed';
}
