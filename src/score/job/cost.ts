import { sumOfKnown } from '../../base/number/sum-of-known.js';
import {
  noPhaseTimes,
  type OddTurns,
  type PhaseTimes,
  type TrialSummary,
} from '../../record/trial-summary.js';
import type { Cost, JobScore } from './job-score.js';

const phases: readonly (keyof PhaseTimes)[] = [
  'total',
  'environmentSetup',
  'agentSetup',
  'agent',
  'verifier',
  'model',
  'commands',
];

/** Tokens, turns and time over all trials; null where no trial says. */
export function measureCost(trials: readonly TrialSummary[]): Cost {
  const total = (pick: (trial: TrialSummary) => number | null): number | null => sumOfKnown(trials.map(pick));
  return {
    inputTokens: total((trial) => trial.tokens.input),
    outputTokens: total((trial) => trial.tokens.output),
    cachedTokens: total((trial) => trial.tokens.cached),
    turns: total((trial) => trial.turns),
    oddTurns: sumOddTurns(trials),
    trialMs: total((trial) => trial.phasesMs.total),
    spanMs: span(trials),
    phasesMs: {
      ...noPhaseTimes,
      ...Object.fromEntries(phases.map((phase) => [phase, total((trial) => trial.phasesMs[phase])])),
    },
  };
}

function sumOddTurns(trials: readonly TrialSummary[]): OddTurns | null {
  const counted = trials.map((trial) => trial.oddTurns).filter((odd) => odd !== null);
  if (counted.length === 0) return null;
  const sum = (key: keyof OddTurns): number => counted.reduce((total, odd) => total + odd[key], 0);
  return {
    formatErrors: sum('formatErrors'),
    truncated: sum('truncated'),
    recoveredCalls: sum('recoveredCalls'),
    droppedThoughts: sum('droppedThoughts'),
    requestRetries: sum('requestRetries'),
  };
}

function span(trials: readonly TrialSummary[]): number | null {
  const stamps = (pick: (trial: TrialSummary) => string | null): number[] =>
    trials.map((trial) => Date.parse(pick(trial) ?? '')).filter((stamp) => Number.isFinite(stamp));
  const starts = stamps((trial) => trial.startedAt);
  const ends = stamps((trial) => trial.finishedAt);
  if (starts.length === 0 || ends.length === 0) return null;
  const earliest = starts.reduce((a, b) => Math.min(a, b));
  const latest = ends.reduce((a, b) => Math.max(a, b));
  return Math.max(0, latest - earliest);
}

/** A sum over a job's trials as the mean of one; null where it is not recorded, or there is no trial. */
export function perTrial({ nTrials }: Pick<JobScore, 'nTrials'>, total: number | null): number | null {
  return total === null || nTrials === 0 ? null : total / nTrials;
}
