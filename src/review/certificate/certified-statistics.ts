import type { CertifiedStatistics, CertifiedTrial } from '../../record/certificate.js';
import type { JobSummary } from '../../record/job-summary.js';
import type { Verdict } from '../../record/verdict.js';
import { emptyJob } from '../../results/formats/empty-job.js';
import { emptyTrial } from '../../results/formats/empty-trial.js';
import { scoreJob } from '../../score/job/score-job.js';

/** The figures of a certificate from its own rows alone, by the same functions as `tbench score`. */
export function certifiedStatistics(trials: Readonly<Record<string, CertifiedTrial>>): CertifiedStatistics {
  const { uncertainty, ...score } = scoreJob(summaryOf(trials));
  return {
    n_tasks: score.nTasks,
    n_trials: score.nTrials,
    measured: score.coverage.measured,
    passes: score.passes,
    mean: score.mean,
    std: score.std,
    runs: score.runs.map((run) => run.mean),
    fixed_task_standard_error: uncertainty.fixedTaskStandardError,
    clustered_standard_error: uncertainty.clusteredStandardError,
    bootstrap_95: [uncertainty.bootstrap.low, uncertainty.bootstrap.high],
    pass_at_k: Object.fromEntries(score.passAtK.map(({ k, passAtK }) => [String(k), passAtK])),
  };
}

/** As much of a job as its figures need. */
function summaryOf(trials: Readonly<Record<string, CertifiedTrial>>): JobSummary {
  return {
    ...emptyJob('', 'tbench'),
    trials: Object.entries(trials).map(([name, trial]) => ({
      ...emptyTrial(trial.task, name),
      attempt: trial.attempt,
      measured: trial.measured,
      reward: trial.reward,
      effectiveReward: trial.effective_reward,
      verdict: trial.verdict as Verdict | null,
    })),
  };
}
