import type { JobSummary } from '../../record/job-summary.js';
import type { TrialSummary } from '../../record/trial-summary.js';
import type { ComparisonSide } from '../comparison/comparison-side.js';
import { naturalOrder, placeTrials } from '../job/run-order.js';
import { createRandom, shuffle } from '../statistics/random.js';
import { SequentialTest, type Look, type SequentialOptions } from './sequential-test.js';
import { trialOrder } from './trial-order.js';

/** Rewards of the candidate by task and attempt; null where there is no verdict, absent where there is no trial yet. */
export type AttemptRewards = ReadonlyMap<string, ReadonlyMap<number, number | null>>;

export interface SequentialPlay {
  readonly looks: readonly Look[];
  readonly planned: number;
  readonly lookedAt: number;
  readonly unpaired: number;
  readonly mayGoOn: boolean;
}

export interface PlayOptions extends SequentialOptions {
  /** Planned trials between two looks. */
  readonly block: number;
  readonly seed: number;
  readonly attempts: number;
}

/** Walks the planned order as far as trials are there, block by block, until a look decides. */
export function playSequentially(
  baseline: ComparisonSide,
  rewards: AttemptRewards,
  options: PlayOptions,
): SequentialPlay {
  const order = trialOrder(baseline.tasks.keys(), options.attempts, options.seed);
  const partners = shuffledPartners(baseline, options.seed);
  const test = new SequentialTest(options);
  const looks: Look[] = [];
  let [lookedAt, unpaired] = [0, 0];
  while (lookedAt < order.length) {
    const block = order.slice(lookedAt, lookedAt + options.block);
    const isThere = block.every(({ task, attempt }) => rewards.get(task)?.has(attempt) === true);
    if (!isThere) return { looks, planned: order.length, lookedAt, unpaired, mayGoOn: true };
    const differences = block.flatMap(({ task, attempt }) => {
      const [before, after] = [partners.get(task)?.[attempt - 1], rewards.get(task)?.get(attempt) ?? null];
      return before === undefined || after === null ? [] : [before - after];
    });
    unpaired += block.length - differences.length;
    lookedAt += block.length;
    const look = test.look(differences, lookedAt / order.length);
    looks.push(look);
    if (look.verdict !== 'go-on') break;
  }
  return { looks, planned: order.length, lookedAt, unpaired, mayGoOn: false };
}

/** Baseline files keep rewards sorted: which attempt meets which must be chance. */
function shuffledPartners(baseline: ComparisonSide, seed: number): Map<string, readonly number[]> {
  const random = createRandom(seed + 1);
  const partners = new Map<string, readonly number[]>();
  for (const name of [...baseline.tasks.keys()].sort()) {
    const rewards = [...(baseline.tasks.get(name)?.rewards ?? [])].sort();
    shuffle(rewards, random);
    partners.set(name, rewards);
  }
  return partners;
}

/** The rewards of a recorded job by attempt, as it was recorded or, in foreign jobs, by start. */
export function attemptRewards(job: JobSummary): AttemptRewards {
  const byTask = new Map<string, TrialSummary[]>();
  for (const trial of job.trials) byTask.set(trial.task, [...(byTask.get(trial.task) ?? []), trial]);
  const order = naturalOrder(job.trials);
  return new Map(
    [...byTask].map(([task, trials]) => [
      task,
      new Map(
        placeTrials(trials, order).map(({ run, trial }) => [
          run,
          trial.measured ? trial.effectiveReward : null,
        ]),
      ),
    ]),
  );
}
