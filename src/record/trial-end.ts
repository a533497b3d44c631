import { z } from 'zod';
import { endings } from './ending.js';
import { outcomeOf, outcomeSchema } from './outcome.js';
import { overallReward } from './reward.js';
import type { TrialResult } from './trial-result.js';
import { verdicts } from './verdict.js';

const tokens = z.number().nullable();

/** What a job keeps in mind of a finished trial: enough for its totals, its display and its log. */
export const trialEndSchema = z.object({
  trial: z.string(),
  task: z.string(),
  /** 1-based. */
  attempt: z.number().int().positive(),
  tries: z.number().int().positive(),
  outcome: outcomeSchema,
  /** `reward` of the trial's result.json; null when its verifier left none. */
  reward: z.number().nullable(),
  ending: z.enum(endings).nullable(),
  verdict: z.enum(verdicts).nullable(),
  exception: z.object({ type: z.string(), message: z.string() }).nullable(),
  tokens: z.object({ input: tokens, cached: tokens, output: tokens }),
});
export type TrialEnd = z.infer<typeof trialEndSchema>;

/** The end of a trial as its stored result tells it. */
export function trialEndOf(result: TrialResult): TrialEnd {
  const { agent_result: agent, exception_info: exception, verifier_result: verified, tbench } = result;
  return {
    trial: result.trial_name,
    task: result.tbench.task ?? result.task_name,
    attempt: tbench.attempt,
    tries: tbench.tries,
    outcome: outcomeOf(result),
    reward: verified === null ? null : overallReward(verified.rewards),
    ending: tbench.ending,
    verdict: result.integrity?.verdict ?? null,
    exception:
      exception === null
        ? null
        : { type: exception.exception_type, message: firstLine(exception.exception_message) },
    tokens: {
      input: agent?.n_input_tokens ?? null,
      cached: agent?.n_cache_tokens ?? null,
      output: agent?.n_output_tokens ?? null,
    },
  };
}

const longestMessage = 500;

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, longestMessage);
}
