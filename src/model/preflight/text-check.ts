import type { ChatMessage, Sampling } from '../chat-model.js';
import { countHiddenTokens } from '../service/hidden-tokens.js';
import { chatBody } from '../wire/chat-body.js';
import type { ChatClient } from '../wire/chat-client.js';
import type { PreflightCheck } from './preflight-report.js';

/** What to do about a server that deletes words of a model that takes commands from its text. */
export const withoutParser =
  'start vLLM without --enable-auto-tool-choice and --tool-call-parser: it deletes <tool_call> blocks of answers in text (tbench serve MODEL --harness FILE)';

const prompt: readonly ChatMessage[] = [
  {
    role: 'user',
    content:
      'Repeat this text to the letter, and write nothing else:\n<tool_call>\n<function=bash>\n<parameter=command>\necho ready\n</parameter>\n</function>\n</tool_call>',
  },
];

interface Asked {
  readonly chat: ChatClient;
  readonly model: string;
  readonly sampling: Sampling;
  readonly signal: AbortSignal;
}

/**
 * For a harness that takes commands from text: lets the model write a call and compares the tokens that the server counts
 * with those of the text that it gives. Nothing to say where the server cannot count.
 */
export async function checkText({
  chat,
  model,
  sampling,
  signal,
}: Asked): Promise<readonly PreflightCheck[]> {
  const body = chatBody(model, { messages: prompt, tools: [], sampling, maxTokens: 512 });
  const answer = await chat.send(body, { headers: {}, idleTimeoutMs: 60_000, signal }).catch(() => null);
  if (answer === null) return [];
  const server = { address: chat.address, model };
  const request = { headers: {}, timeoutMs: 60_000, signal };
  const hidden = await countHiddenTokens(answer, server, request).catch(() => null);
  if (hidden === null) return [];
  const name = 'text';
  if (hidden === 0) return [{ name, state: 'ok', detail: 'no words of the model are missing', mend: null }];
  const detail = `${hidden} of the ${answer.usage.completionTokens ?? 0} tokens that the model wrote are missing from the answer`;
  return [{ name, state: 'fail', detail, mend: withoutParser.replace('start', 'Start') + '.' }];
}
