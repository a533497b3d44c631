/**
 * Tokens that are missing from a prompt: one that repeats the last prompt and the answer to it cannot be
 * shorter than both. A shortfall means the server (or its chat template) dropped thoughts from the history.
 * Null when nothing is missing or the server does not report usage.
 */
export function droppedTokens(
  last: { readonly promptTokens: number | null; readonly completionTokens: number | null },
  promptTokens: number | null,
): number | null {
  if (last.promptTokens === null || last.completionTokens === null || promptTokens === null) return null;
  const shortfall = last.promptTokens + last.completionTokens - promptTokens;
  return shortfall > 0 ? shortfall : null;
}
