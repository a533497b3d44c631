import { emptyJob } from '../../src/results/formats/empty-job.js';
import { emptyTrial } from '../../src/results/formats/empty-trial.js';
import type { JobSummary } from '../../src/record/job-summary.js';
import type { TrialSummary } from '../../src/record/trial-summary.js';

/** A job in memory: one task an inner array, one attempt a reward; null is a trial without a verdict. */
export function syntheticJob(tasks: readonly (readonly (number | null)[])[], name = 'synthetic'): JobSummary {
  const trials = tasks.flatMap((rewards, task) =>
    rewards.map((reward, index): TrialSummary => {
      const taskName = `task-${task}`;
      return {
        ...emptyTrial(taskName, `${taskName}__${index + 1}`),
        attempt: index + 1,
        reward,
        effectiveReward: reward ?? 0,
        rewards: reward === null ? {} : { reward },
        measured: reward !== null,
        taskDigest: `digest-${task}`,
      };
    }),
  );
  return {
    ...emptyJob(`/results/${name}`, 'tbench'),
    model: 'a-model',
    modelKind: 'live',
    agent: 'model',
    dataset: { name: 'synthetic', version: null, digest: null },
    harness: { name: 'tmax', digest: 'sha256:harness' },
    budgetMode: 'exact',
    clockMode: 'wall',
    trials,
  };
}
