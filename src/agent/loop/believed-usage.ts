import type { TokenCount, Usage } from '../../model/chat-model.js';

/**
 * Usage without a prompt that cannot be this one: history grows with every turn, so a prompt that is no larger than the last,
 * as of a proxy that says the same number each time, is believed only where the server's tokenizer counted it so (a template may drop old thoughts).
 */
export function believedUsage(
  usage: Usage,
  counted: TokenCount,
  last: { readonly promptTokens: number } | null,
): Usage {
  const { promptTokens } = usage;
  if (promptTokens === null || counted.exact || last === null || promptTokens > last.promptTokens)
    return usage;
  return { ...usage, promptTokens: null, cachedTokens: null };
}
