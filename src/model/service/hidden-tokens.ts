import type { ChatReply } from '../chat-model.js';
import type { ServerAddress } from '../wire/server-address.js';
import { countTokensOf, type CountRequest } from '../wire/tokens.js';

/** What a server gave of an answer. */
export type GivenAnswer = Pick<ChatReply, 'content' | 'thought' | 'toolCalls' | 'usage'>;

/** Text of fewer characters a token than this is looked at: prose and code have three to five. */
const suspiciousChars = 3;
/** End marks, and where text is cut into tokens otherwise than the model wrote it. */
const fewestHidden = 5;

/**
 * Tokens of an answer in text that the server counted and did not give: vLLM with a tool parser deletes `<tool_call>` blocks
 * of an answer to a request without tools, the only one to ask of. 0 where there are none, null where it cannot be told.
 */
export async function countHiddenTokens(
  answer: GivenAnswer,
  server: { readonly address: ServerAddress; readonly model: string },
  request: CountRequest,
): Promise<number | null> {
  const { completionTokens } = answer.usage;
  if (completionTokens === null) return null;
  if (answer.toolCalls.length > 0) return 0;
  const text = `${answer.thought?.text ?? ''}${answer.content ?? ''}`;
  if (completionTokens < fewestHidden || text.length >= completionTokens * suspiciousChars) return 0;
  const given = text === '' ? 0 : await countTokensOf(server.address, { model: server.model, text }, request);
  if (given === null) return null;
  const hidden = completionTokens - given;
  return hidden >= Math.max(fewestHidden, completionTokens / 5) ? hidden : 0;
}
