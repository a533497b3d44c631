import { numberOf, tableOf, type JsonTable } from '../../base/json-value.js';
import type { Usage } from '../chat-model.js';

/** No server holds a longer prompt or answer; a larger number is a fault of the server's. */
const mostTokens = 100_000_000;

/**
 * A number of tokens that can be true: a whole number from 1 on. A prompt always has tokens and so has an answer, so a
 * 0 comes from a server or a proxy that does not count. Anything else is null, as if it were absent.
 */
export function believedTokens(value: number | null): number | null {
  return value !== null && Number.isInteger(value) && value >= 1 && value <= mostTokens ? value : null;
}

/** The usage of an answer. Parts of a number that is not believed, or that exceed it, are not believed either. */
export function readUsage(usage: JsonTable): Usage {
  const promptTokens = believedTokens(numberOf(usage['prompt_tokens']));
  const completionTokens = believedTokens(numberOf(usage['completion_tokens']));
  return {
    promptTokens,
    completionTokens,
    cachedTokens: partOf(promptTokens, tableOf(usage['prompt_tokens_details'])?.['cached_tokens']),
    reasoningTokens: partOf(
      completionTokens,
      tableOf(usage['completion_tokens_details'])?.['reasoning_tokens'],
    ),
  };
}

/** A part may be 0. */
function partOf(whole: number | null, value: unknown): number | null {
  const part = numberOf(value);
  return part !== null && whole !== null && Number.isInteger(part) && part >= 0 && part <= whole
    ? part
    : null;
}
