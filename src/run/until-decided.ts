import { InputError } from '../base/errors.js';
import { percent } from '../base/number/decimal.js';
import type { PlannedTrial } from '../job/planned-trial.js';
import type { JobPace } from '../job/pace.js';
import type { JobRequest } from '../job/job.js';
import type { ComparisonSide } from '../score/comparison/comparison-side.js';
import { playSequentially } from '../score/sequential/play-sequentially.js';
import { budgetOf, type SequentialGateOptions } from '../score/sequential/sequential-gate.js';
import { trialOrder } from '../score/sequential/trial-order.js';

/**
 * Starts a job's trials in the order in which the sequential gate looks at them, and ends it at the first block that
 * decides. Throws `InputError` where the job cannot be held against the baseline task by task, or nothing could be decided.
 */
export function untilDecided(
  job: Pick<JobRequest, 'name' | 'tasks' | 'run'>,
  baseline: ComparisonSide,
  options: SequentialGateOptions,
): JobPace {
  refuseOtherTasks(job, baseline);
  const { attempts, findDrop } = budgetOf(baseline, job.run.attempts, options);
  if (attempts === 0)
    throw new InputError(
      `no trial of the baseline ${baseline.name} has a verdict: nothing can be held against it`,
    );
  if (findDrop <= options.maxDrop)
    throw new InputError(
      `the drop to find, ${percent(findDrop)} pp, is not above the ${percent(options.maxDrop)} pp allowed`,
    );
  const rewards = new Map<string, Map<number, number | null>>();
  let isOver = false;
  return {
    order(plan) {
      const places = new Map(
        trialOrder(baseline.tasks.keys(), attempts, options.seed).map(({ task, attempt }, index) => [
          `${task} ${attempt}`,
          index,
        ]),
      );
      // Attempts that the baseline has no partner for come last: they cannot decide anything.
      const placeOf = ({ task, attempt }: PlannedTrial): number =>
        places.get(`${task.name} ${attempt}`) ?? places.size;
      return [...plan].sort((a, b) => placeOf(a) - placeOf(b));
    },
    see(event) {
      if (event.kind !== 'trial-end' && event.kind !== 'trial-reused') return;
      const { task, attempt, outcome } = event.end;
      const known = rewards.get(task) ?? new Map<number, number | null>();
      known.set(attempt, outcome.kind === 'scored' ? outcome.reward : null);
      rewards.set(task, known);
      isOver ||= !playSequentially(baseline, rewards, { ...options, attempts, findDrop }).mayGoOn;
    },
    hasEnough: () => isOver,
  };
}

function refuseOtherTasks(
  { name, tasks }: Pick<JobRequest, 'name' | 'tasks'>,
  baseline: ComparisonSide,
): void {
  const names = new Set(tasks.map((task) => task.name));
  const missing = [...baseline.tasks.keys()].filter((task) => !names.has(task));
  if (missing.length === 0) return;
  throw new InputError(
    `${missing.length} tasks of the baseline ${baseline.name} are not among those of ${name}: ${missing.slice(0, 5).join(', ')}`,
    { hint: 'Name the dataset and tasks that the baseline was made with.' },
  );
}
