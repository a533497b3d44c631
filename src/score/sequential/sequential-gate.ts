import { datasetLabel } from '../../record/job-summary.js';
import type { JobSummary } from '../../record/job-summary.js';
import { percent } from '../../base/number/decimal.js';
import { refusedDifferences } from '../comparison/compare.js';
import { sideOfJob, type ComparisonSide } from '../comparison/comparison-side.js';
import { findDifferences } from '../comparison/find-differences.js';
import { gateDefaults, type GateOptions, type GateDecision } from '../comparison/gate.js';
import { findableDrop } from './findable-drop.js';
import { attemptRewards, playSequentially, type SequentialPlay } from './play-sequentially.js';
import type { Look } from './sequential-test.js';
import { defaultSeed } from '../statistics/random.js';
import { greatest } from '../../base/number/extremes.js';

export interface SequentialGateOptions extends GateOptions {
  /** True drop that must be found, a fraction of 1; null for what the fixed gate would find on the same budget. */
  readonly findDrop: number | null;
  /** Accepted chance of calling a drop of `findDrop` none. */
  readonly miss: number;
  /** Planned trials between two looks. */
  readonly block: number;
  readonly seed: number;
}

export const sequentialDefaults: SequentialGateOptions = {
  ...gateDefaults,
  findDrop: null,
  miss: 0.2,
  block: 10,
  seed: defaultSeed,
};

export interface SequentialGateResult {
  readonly decision: GateDecision;
  readonly reasons: readonly string[];
  readonly options: SequentialGateOptions;
  readonly findDrop: number;
  readonly baseline: ComparisonSide;
  readonly candidate: ComparisonSide;
  readonly looks: readonly Look[];
  /** Trials of the budget in all, looked at, and without a verdict or partner among those. */
  readonly planned: number;
  readonly lookedAt: number;
  readonly unpaired: number;
  /** True when trials that were planned are not there yet and might still decide. */
  readonly mayGoOn: boolean;
}

/**
 * The gate that decides as soon as it can: trials are looked at in a planned order (`trialOrder`), not as they finished,
 * since quick trials are no fair sample; the first block that decides ends it. `attempts` a task are the budget.
 */
export function runSequentialGate(
  baseline: ComparisonSide,
  job: JobSummary,
  options: SequentialGateOptions = sequentialDefaults,
): SequentialGateResult {
  const candidate = sideOfJob(job);
  const rewards = attemptRewards(job);
  const planned =
    job.attemptsPlanned ?? Math.max(0, greatest([...rewards.values()].flatMap((task) => [...task.keys()])));
  const { attempts, findDrop } = budgetOf(baseline, planned, options);
  const played = playSequentially(baseline, rewards, { ...options, attempts, findDrop });
  const known = { options, findDrop, baseline, candidate, ...played };
  const obstacles = [
    ...refusedDifferences(
      findDifferences(withoutUnreached(baseline, candidate), candidate),
      options.allow,
    ).map(({ detail }) => detail),
    ...(played.planned === 0 ? ['the baseline has no trial with a verdict'] : []),
    ...(findDrop <= options.maxDrop
      ? [`the drop to find, ${percent(findDrop)} pp, is not above the ${percent(options.maxDrop)} pp allowed`]
      : []),
    ...tooManyUnmeasured(played, candidate, options),
  ];
  const last = played.looks.at(-1);
  if (obstacles.length > 0) return { ...known, decision: 'cannot-tell', reasons: obstacles, mayGoOn: false };
  if (last === undefined || last.verdict === 'go-on') {
    return { ...known, decision: 'cannot-tell', reasons: [undecided(played)] };
  }
  return { ...known, decision: last.verdict, reasons: [decided(last, known)], mayGoOn: false };
}

/** What can be paired, at most the attempts that the baseline has, and the drop that so much can find. */
export function budgetOf(
  baseline: ComparisonSide,
  attemptsPlanned: number,
  options: Pick<SequentialGateOptions, 'findDrop' | 'maxDrop' | 'alpha'>,
): { readonly attempts: number; readonly findDrop: number } {
  const most = Math.max(0, greatest([...baseline.tasks.values()].map((task) => task.rewards.length)));
  const attempts = Math.min(most, attemptsPlanned);
  return { attempts, findDrop: options.findDrop ?? findableDrop(baseline, attempts, options) };
}

/** A job that was stopped early has no trial of some tasks; that is no difference in set-up. */
function withoutUnreached(baseline: ComparisonSide, candidate: ComparisonSide): ComparisonSide {
  if (candidate.missing === 0) return baseline;
  return { ...baseline, tasks: new Map([...baseline.tasks].filter(([name]) => candidate.tasks.has(name))) };
}

function tooManyUnmeasured(
  { unpaired, lookedAt }: SequentialPlay,
  candidate: ComparisonSide,
  { maxUnmeasured }: GateOptions,
): string[] {
  if (lookedAt === 0 || unpaired / lookedAt <= maxUnmeasured) return [];
  return [
    `${unpaired} of ${lookedAt} trials of ${candidate.name} (${datasetLabel(candidate.dataset)}) have no verdict or no partner: ${percent(unpaired / lookedAt)} %, allowed ${percent(maxUnmeasured)} %`,
  ];
}

function undecided({ lookedAt, planned, mayGoOn }: SequentialPlay): string {
  return mayGoOn
    ? `not decided by ${lookedAt} of ${planned} trials; the next block is not there yet`
    : `the budget of ${planned} trials is used up and neither a regression nor its absence is shown`;
}

function decided(
  look: Look,
  {
    options,
    findDrop,
    lookedAt,
    planned,
  }: SequentialPlay & { readonly options: GateOptions; readonly findDrop: number },
): string {
  const seen = `after ${lookedAt} of ${planned} trials the mean is ${percent(Math.abs(look.drop))} pp ${look.drop < 0 ? 'higher' : 'lower'}`;
  return look.verdict === 'regression'
    ? `${seen}: more than a drop of ${percent(options.maxDrop)} pp gives by chance (from ${percent(look.redFrom ?? 0)} pp, alpha ${options.alpha})`
    : `${seen}: less than a drop of ${percent(findDrop)} pp gives by chance (up to ${percent(look.greenTo ?? 0)} pp)`;
}
