import type { TokenCount, Usage } from '../../model/chat-model.js';

/**
 * Usage without a prompt that cannot be this one: history only grows, so a prompt that is smaller than the last is
 * believed only where the server's tokenizer counted it so (a template may drop old thoughts).
 */
export function believedUsage(
  usage: Usage,
  counted: TokenCount,
  last: { readonly promptTokens: number } | null,
): Usage {
  const { promptTokens } = usage;
  if (promptTokens === null || counted.exact || last === null || promptTokens >= last.promptTokens)
    return usage;
  return { ...usage, promptTokens: null, cachedTokens: null };
}
