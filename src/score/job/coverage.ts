import type { JobSummary } from '../../record/job-summary.js';
import type { Coverage } from './job-score.js';
import { divide, toNumber } from '../../base/number/fraction.js';
import { mean, sumFraction } from '../../base/number/mean.js';
import type { Rewards } from '../statistics/rewards.js';

/** Trials that the job planned, or has, whichever is more. */
export function plannedTrials(job: JobSummary, tasks: number): number {
  return Math.max(job.trials.length, job.trialsPlanned ?? 0, (job.attemptsPlanned ?? 0) * tasks);
}

/**
 * How much of what was planned was measured, and the mean both ways. "Measured" means that the tests gave a
 * verdict; a missing verdict says nothing about the model, but upstream counts it 0, so the headline does too.
 */
export function measureCoverage(job: JobSummary, rewards: readonly Rewards[]): Coverage {
  const attempts = rewards.map((task) => task.length);
  const trials = job.trials.length;
  const planned = plannedTrials(job, rewards.length);
  const measured = job.trials.filter((trial) => trial.measured);
  const total = sumFraction(job.trials.map((trial) => trial.effectiveReward));
  return {
    planned,
    measured: measured.length,
    notMeasured: trials - measured.length,
    missing: planned - trials,
    fraction: planned === 0 ? 0 : measured.length / planned,
    meanOfMeasured: measured.length === 0 ? null : mean(measured.map((trial) => trial.effectiveReward)),
    meanOfPlanned: planned === 0 ? 0 : toNumber(divide(total, planned)),
    attemptsMin: attempts.length === 0 ? 0 : attempts.reduce((a, b) => Math.min(a, b)),
    attemptsMax: attempts.length === 0 ? 0 : attempts.reduce((a, b) => Math.max(a, b)),
  };
}
