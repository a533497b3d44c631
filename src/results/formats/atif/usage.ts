import { sumOfKnown } from '../../../base/number/sum-of-known.js';
import type { TrialTurns } from './trial-turns.js';

/** `agent/usage.json`: Tmax's totals, then every turn's own numbers. A served model costs nothing. */
export function renderUsage({ start, turns }: TrialTurns): Record<string, unknown> {
  const total = (key: 'prompt_tokens' | 'completion_tokens' | 'reasoning_tokens'): number =>
    sumOfKnown(turns.map(({ reply }) => reply.usage[key])) ?? 0;
  const [prompt, completion] = [total('prompt_tokens'), total('completion_tokens')];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    reasoning_tokens: total('reasoning_tokens'),
    cost_usd: 0,
    max_steps: start.max_turns,
    turns: turns.map(({ reply, result }) => ({
      step: reply.turn,
      ...reply.usage,
      counted_tokens: reply.counted.tokens,
      counted_exactly: reply.counted.exact,
      max_tokens: reply.max_tokens,
      finish_reason: reply.finish_reason,
      truncated: result?.truncated ?? null,
    })),
  };
}
