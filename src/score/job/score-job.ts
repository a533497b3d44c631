import { scoreSteps } from './score-steps.js';
import { datasetLabel, type JobSummary } from '../../record/job-summary.js';
import { isPass, type TrialSummary } from '../../record/trial-summary.js';
import type { Fraction } from '../../base/number/fraction.js';
import { countTrials } from './count-trials.js';
import { measureCost } from './cost.js';
import { measureCoverage } from './coverage.js';
import { groupTasks } from './group-tasks.js';
import { bootstrapInterval, exactInterval, wilsonInterval } from '../statistics/interval.js';
import type { JobScore, PassAtK, RunScore, TaskScore, Uncertainty } from './job-score.js';
import { labelJob } from './labels.js';
import { plusMinus } from '../plus-minus.js';
import { mean, meanFraction, sum } from '../../base/number/mean.js';
import { noteJob } from './notes.js';
import { overTasks, passAtK, passHatK } from '../statistics/pass-at-k.js';
import { naturalOrder, placeTrials, type PlacedTrial, type RunOrder } from './run-order.js';
import type { Rewards } from '../statistics/rewards.js';
import {
  clusteredStandardError,
  fixedTaskStandardError,
  standardError,
} from '../statistics/standard-error.js';
import { expectedStd, singleRunStd } from '../statistics/std-of-one-run.js';
import { repairingRange } from '../statistics/std-over-pairings.js';
import { sampleStd } from '../statistics/std-over-runs.js';

export interface ScoreOptions {
  /** How attempts are paired into runs; the recorded attempt where there is one. */
  readonly runOrder?: RunOrder;
  /** Metadata keys to group by, beside difficulty and category. */
  readonly groupBy?: readonly string[];
}

/** Scores one job. Pure: the same summary gives the same digits. */
export function scoreJob(job: JobSummary, options: ScoreOptions = {}): JobScore {
  const runOrder = options.runOrder ?? naturalOrder(job.trials);
  const placed = placeByTask(job.trials, runOrder);
  const rewards = placed.map((trials) => trials.map(({ trial }) => trial.effectiveReward));
  const tasks = placed.map(scoreTask);
  const runTrials = groupByRun(placed.flat());
  const runs = runTrials.map(scoreRun);
  const runMeans = runTrials.map(({ trials }) => meanFraction(trials.map((trial) => trial.effectiveReward)));
  const passes = job.trials.filter(isPass).length;
  const { trials: _, ...rest } = job;
  const coverage = measureCoverage(job, rewards);
  return {
    job: rest,
    name: job.name,
    model: job.model ?? (job.modelKind === 'none' ? job.agent : 'unknown'),
    dataset: datasetLabel(job.dataset),
    harness: job.harness?.name ?? job.agent,
    labels: labelJob(job),
    notes: noteJob(job, { runOrder, coverage }),
    nTasks: tasks.length,
    nTrials: job.trials.length,
    runOrder,
    runs,
    mean: mean(rewards.map(meanFraction)),
    std: plusMinus(runMeans),
    uncertainty: measureUncertainty(rewards, { runMeans, passes }),
    passes,
    passRate: job.trials.length === 0 ? 0 : passes / job.trials.length,
    passAtK: passCurve(tasks),
    coverage,
    rawMean: mean(placed.map((trials) => meanFraction(trials.map(({ trial }) => trial.reward ?? 0)))),
    counts: countTrials(job.trials),
    cost: measureCost(job.trials),
    groups: groupTasks(job.trials, tasks, options.groupBy ?? []),
    tasks,
    steps: scoreSteps(job.trials),
  };
}

/** The trials of each task in run order; tasks by name. */
function placeByTask(trials: readonly TrialSummary[], order: RunOrder): PlacedTrial[][] {
  const byTask = new Map<string, TrialSummary[]>();
  for (const trial of trials) {
    const known = byTask.get(trial.task);
    if (known === undefined) byTask.set(trial.task, [trial]);
    else known.push(trial);
  }
  const names = [...byTask.keys()].sort();
  return names.map((name) => placeTrials(byTask.get(name) ?? [], order));
}

interface RunTrials {
  readonly run: number;
  readonly trials: readonly TrialSummary[];
}

function groupByRun(placed: readonly PlacedTrial[]): RunTrials[] {
  const runs = new Map<number, TrialSummary[]>();
  for (const { run, trial } of placed) runs.set(run, [...(runs.get(run) ?? []), trial]);
  return [...runs].sort(([a], [b]) => a - b).map(([run, trials]) => ({ run, trials }));
}

function scoreRun({ run, trials }: RunTrials): RunScore {
  const rewards = trials.map((trial) => trial.effectiveReward);
  const passes = trials.filter(isPass).length;
  return { run, mean: mean(rewards), total: sum(rewards), passes, nTrials: trials.length };
}

function scoreTask(placed: readonly PlacedTrial[]): TaskScore {
  const trials = placed.map(({ trial }) => trial);
  const passes = trials.filter(isPass).length;
  const average = (pick: (trial: TrialSummary) => number | null): number | null => {
    const known = trials.map(pick).filter((value) => value !== null);
    return known.length === 0 ? null : mean(known);
  };
  return {
    task: trials[0]?.task ?? '',
    difficulty: trials[0]?.difficulty ?? null,
    category: trials[0]?.category ?? null,
    digest: trials[0]?.taskDigest ?? null,
    rewards: trials.map((trial) => (trial.measured ? trial.effectiveReward : null)),
    runs: placed.map(({ run }) => run),
    mean: mean(trials.map((trial) => trial.effectiveReward)),
    passes,
    passRate: passes / trials.length,
    measured: trials.filter((trial) => trial.measured).length,
    endings: trials.map((trial) => trial.ending),
    outputTokens: average((trial) => trial.tokens.output),
    turns: average((trial) => trial.turns),
    formatErrors: average((trial) => trial.oddTurns?.formatErrors ?? null),
    wallMs: average((trial) => trial.phasesMs.total),
  };
}

interface Totals {
  readonly runMeans: readonly Fraction[];
  readonly passes: number;
}

function measureUncertainty(rewards: readonly Rewards[], { runMeans, passes }: Totals): Uncertainty {
  const trials = sum(rewards.map((task) => task.length));
  return {
    level: 0.95,
    sampleStd: sampleStd(runMeans),
    standardError: standardError(runMeans),
    expectedStd: expectedStd(rewards),
    singleRunStd: singleRunStd(rewards),
    repairing: repairingRange(rewards),
    fixedTaskStandardError: fixedTaskStandardError(rewards),
    clusteredStandardError: clusteredStandardError(rewards),
    bootstrap: bootstrapInterval(rewards.map(mean)),
    wilson: wilsonInterval(passes, trials),
    exact: exactInterval(passes, trials),
  };
}

function passCurve(tasks: readonly TaskScore[]): PassAtK[] {
  const counts = tasks.map((task) => ({ attempts: task.rewards.length, passes: task.passes }));
  const fewest = counts.map((count) => count.attempts).reduce((a, b) => Math.min(a, b), Infinity);
  const most = tasks.length === 0 ? 0 : fewest;
  return Array.from({ length: most }, (_, index) => index + 1).map((k) => ({
    k,
    passAtK: overTasks(counts, passAtK, k) ?? 0,
    passHatK: overTasks(counts, passHatK, k) ?? 0,
  }));
}
