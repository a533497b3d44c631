import type { JobSummary } from '../../record/job-summary.js';
import type { OddTurns, TrialSummary } from '../../record/trial-summary.js';
import type { StepScore } from './score-steps.js';
import type { RunOrder } from './run-order.js';
import type { Range } from '../statistics/quantile.js';

/** Everything that is said of one job. Means, rates and spreads are fractions of 1; times milliseconds. */
export interface JobScore {
  readonly job: Omit<JobSummary, 'trials'>;
  readonly name: string;
  readonly model: string;
  readonly dataset: string;
  readonly harness: string;
  /** What must be said wherever the number is shown: replayed model, modified timeouts ... */
  readonly labels: readonly string[];
  /** What a reader should know about how the number came about: order of runs, unequal attempts ... */
  readonly notes: readonly string[];
  readonly nTasks: number;
  readonly nTrials: number;
  readonly runOrder: RunOrder;
  readonly runs: readonly RunScore[];
  /**
   * Mean over tasks of the mean reward of a task's trials; a trial without a verdict counts 0 (as upstream). Says
   * nothing where `coverage.measured` is 0.
   */
  readonly mean: number;
  /** The ± of tables: see `plusMinus`. */
  readonly std: number;
  readonly uncertainty: Uncertainty;
  readonly passes: number;
  readonly passRate: number;
  readonly passAtK: readonly PassAtK[];
  readonly coverage: Coverage;
  /** Mean of the rewards as the verifiers wrote them, before integrity rules. */
  readonly rawMean: number;
  readonly counts: Counts;
  readonly cost: Cost;
  readonly groups: Readonly<Record<string, readonly GroupScore[]>>;
  readonly tasks: readonly TaskScore[];
  /** Steps of multi-step tasks; empty where there are none. */
  readonly steps: readonly StepScore[];
}

export interface RunScore {
  readonly run: number;
  readonly mean: number;
  readonly total: number;
  readonly passes: number;
  readonly nTrials: number;
}

export interface Uncertainty {
  readonly level: number;
  readonly sampleStd: number | null;
  readonly standardError: number | null;
  readonly expectedStd: number | null;
  readonly singleRunStd: number | null;
  readonly repairing: Range | null;
  readonly fixedTaskStandardError: number | null;
  readonly clusteredStandardError: number | null;
  readonly bootstrap: Range;
  readonly wilson: Range;
  readonly exact: Range;
}

export interface PassAtK {
  readonly k: number;
  readonly passAtK: number;
  readonly passHatK: number;
}

export interface Coverage {
  /** Trials the job planned, or has, whichever is more. */
  readonly planned: number;
  readonly measured: number;
  /** Trials that ended without a verdict of the tests. */
  readonly notMeasured: number;
  /** Planned trials of which there is no result. */
  readonly missing: number;
  readonly fraction: number;
  /** Mean over measured trials only; null without any. */
  readonly meanOfMeasured: number | null;
  /** Mean when missing trials count 0 too. */
  readonly meanOfPlanned: number;
  readonly attemptsMin: number;
  readonly attemptsMax: number;
}

export interface Counts {
  readonly errors: Readonly<Record<string, number>>;
  readonly endings: Readonly<Record<string, number>>;
  readonly endingPasses: Readonly<Record<string, number>>;
  readonly endingsInferred: number;
  readonly blames: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly verdicts: Readonly<Record<string, number>>;
}

export interface Cost {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly turns: number | null;
  /** Sums over all trials; null where no trial counts them. */
  readonly oddTurns: OddTurns | null;
  /** Sum of the trials' wall times. */
  readonly trialMs: number | null;
  /** From the first trial's start to the last one's end. */
  readonly spanMs: number | null;
  readonly phasesMs: Readonly<Record<keyof TrialSummary['phasesMs'], number | null>>;
}

export interface GroupScore {
  readonly value: string;
  readonly nTasks: number;
  readonly nTrials: number;
  /** Trials whose tests gave a verdict; the mean says nothing without any. */
  readonly measured: number;
  readonly mean: number;
  readonly passRate: number;
  readonly clusteredStandardError: number | null;
}

export interface TaskScore {
  readonly task: string;
  readonly difficulty: string | null;
  readonly category: string | null;
  readonly digest: string | null;
  /**
   * One reward a trial as it is scored, in the order of the runs; null where the trial was not measured: the mean
   * counts it as 0, but nobody saw it fail.
   */
  readonly rewards: readonly (number | null)[];
  readonly runs: readonly number[];
  readonly mean: number;
  readonly passes: number;
  readonly passRate: number;
  readonly measured: number;
  readonly endings: readonly (string | null)[];
  readonly outputTokens: number | null;
  readonly turns: number | null;
  readonly formatErrors: number | null;
  readonly wallMs: number | null;
}
