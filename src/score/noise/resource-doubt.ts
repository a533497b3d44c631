import type { Fraction } from '../../base/number/fraction.js';
import { mean, meanFraction } from '../../base/number/mean.js';
import type { JobSummary } from '../../record/job-summary.js';
import { isPass, type TrialSummary } from '../../record/trial-summary.js';

/** How near a trial came to its limits; null is "the record does not say". */
export interface Headroom {
  readonly oomKills: number | null;
  readonly memoryPeakBytes: number | null;
  readonly memoryLimitBytes: number | null;
  /** CPU time held back by the CPU limit, summed over processes. */
  readonly throttledMs: number | null;
  /** Commands of the agent that the harness's limit ended. */
  readonly commandsTimedOut: number | null;
  /** What the model server took beside answering: waits for a slot, silence at the end, failed tries, outages. */
  readonly slotMs: number | null;
  readonly silenceMs: number | null;
  readonly retryMs: number | null;
  readonly outageMs: number | null;
}

export const doubtReasons = [
  'agent time',
  'command time',
  'verifier time',
  'storage',
  'OOM kill',
  'memory full',
  'CPU throttled',
  'server waits',
] as const;
export type DoubtReason = (typeof doubtReasons)[number];

/** From this share of the memory limit on, a peak counts as full: the kernel reclaims before it kills. */
const fullMemory = 0.98;
/** From this share of a trial's agent and verifier time on, throttling counts. */
const muchThrottling = 0.25;
/** From this share of the agent's time on, a server that kept the model from answering counts. */
const muchWaiting = 0.1;

/**
 * Why a trial that did not pass might have ended otherwise with more headroom; empty for a pass, which headroom could
 * only have kept. Other trials without a verdict are in no doubt; they count 0 on both sides, as in the headline.
 */
export function doubtsOf(trial: TrialSummary, headroom: Headroom | null): DoubtReason[] {
  if (!trial.measured && trial.status !== 'timed_out') return [];
  if (isPass(trial)) return [];
  const { oomKills, memoryPeakBytes: peak, memoryLimitBytes: limit, throttledMs } = headroom ?? unknown;
  const { commandsTimedOut } = headroom ?? unknown;
  const worked = (trial.phasesMs.agent ?? 0) + (trial.phasesMs.verifier ?? 0);
  const signs: readonly (readonly [DoubtReason, boolean])[] = [
    ['agent time', trial.ending === 'agent-timeout'],
    ['command time', (commandsTimedOut ?? 0) > 0],
    ['verifier time', trial.status === 'timed_out'],
    ['storage', trial.ending === 'storage-limit'],
    ['OOM kill', (oomKills ?? 0) > 0],
    ['memory full', peak !== null && limit !== null && limit > 0 && peak >= fullMemory * limit],
    ['CPU throttled', worked > 0 && (throttledMs ?? 0) >= muchThrottling * worked],
    ['server waits', (trial.clock?.serverShare ?? 0) >= muchWaiting],
  ];
  return signs.flatMap(([reason, holds]) => (holds ? [reason] : []));
}

export interface DoubtedTrial {
  readonly trial: string;
  readonly reasons: readonly DoubtReason[];
  /** Null where the record tells nothing of it. */
  readonly headroom: Headroom | null;
}

/** What a job's number owes to its limits and its machine. */
export interface ResourceDoubt {
  readonly trials: readonly DoubtedTrial[];
  readonly counts: Readonly<Partial<Record<DoubtReason, number>>>;
  /** Mean over tasks of the means of all trials, and of those not in doubt; tasks with none left drop out. */
  readonly mean: number;
  readonly meanWithout: number | null;
  readonly tasksLeft: number;
}

export function judgeDoubt(
  job: JobSummary,
  headroomOf: (trial: TrialSummary) => Headroom | null,
): ResourceDoubt {
  const judged = job.trials.map((trial) => {
    const headroom = headroomOf(trial);
    return { trial, headroom, reasons: doubtsOf(trial, headroom) };
  });
  const counts: Partial<Record<DoubtReason, number>> = {};
  for (const reason of judged.flatMap(({ reasons }) => reasons)) counts[reason] = (counts[reason] ?? 0) + 1;
  const all = taskMeans(job.trials);
  const left = taskMeans(judged.flatMap(({ trial, reasons }) => (reasons.length === 0 ? [trial] : [])));
  return {
    trials: judged.flatMap(({ trial, reasons, headroom }) =>
      reasons.length === 0 ? [] : [{ trial: trial.name, reasons, headroom }],
    ),
    counts,
    mean: mean(all),
    meanWithout: left.length === 0 ? null : mean(left),
    tasksLeft: left.length,
  };
}

const unknown: Headroom = {
  oomKills: null,
  memoryPeakBytes: null,
  memoryLimitBytes: null,
  throttledMs: null,
  commandsTimedOut: null,
  slotMs: null,
  silenceMs: null,
  retryMs: null,
  outageMs: null,
};

function taskMeans(trials: readonly TrialSummary[]): Fraction[] {
  const byTask = new Map<string, number[]>();
  for (const { task, effectiveReward } of trials)
    byTask.set(task, [...(byTask.get(task) ?? []), effectiveReward]);
  return [...byTask.values()].map(meanFraction);
}
