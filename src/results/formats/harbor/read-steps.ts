import { z } from 'zod';
import type { StepSummary } from '../../../record/trial-summary.js';
import { verdicts } from '../../../record/verdict.js';
import { readRewards } from './read-rewards.js';

/** More steps than any task has: a stranger's record must not fill a screen. */
const mostSteps = 100;

const stepSchema = z.looseObject({
  step_name: z.string(),
  verifier_result: z.unknown().optional(),
  integrity: z
    .looseObject({ verdict: z.enum(verdicts).nullish().catch(null) })
    .nullish()
    .catch(null),
});

/** The steps of a trial's `step_results`, those that were begun; what is no step is passed over. */
export function readSteps(stepResults: unknown): readonly StepSummary[] {
  if (!Array.isArray(stepResults)) return [];
  return stepResults.slice(0, mostSteps).flatMap((value): StepSummary[] => {
    const step = stepSchema.safeParse(value);
    if (!step.success) return [];
    const { step_name, verifier_result, integrity } = step.data;
    return [
      { name: step_name, reward: readRewards(verifier_result).reward, verdict: integrity?.verdict ?? null },
    ];
  });
}
