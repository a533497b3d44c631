import { createHash } from 'node:crypto';

import type { ChatReply, ToolCall } from '../chat-model.js';
import type { FoundCall } from './found-call.js';
import { recoverJsonCalls } from './recover-json-calls.js';
import { recoverXmlCalls } from './recover-xml-calls.js';

export type RecoverableReply = Pick<ChatReply, 'content' | 'thought' | 'toolCalls'>;

/**
 * Finds the tool calls that a server left in the text: Qwen's XML and Hermes' JSON, with missing tags, inside an
 * unfinished thought, fenced, or otherwise bent. Looks after the last `</think>` of the content, then in all of
 * the content, then in the thought. In the result the text of the calls is cut out, as a server's parser would
 * have done, so that the template writes the same conversation again. The reply is returned as it is when the
 * server found calls itself or there are none to find. Pure; never throws.
 */
export function recoverToolCalls<T extends RecoverableReply>(reply: T, toolNames: readonly string[]): T {
  if (reply.toolCalls.length > 0) return reply;
  const { content, thought } = reply;
  if (content !== null) {
    const close = content.lastIndexOf('</think>');
    const from = close === -1 ? 0 : close + '</think>'.length;
    const after = findCalls(content.slice(from), toolNames).map((call) => ({
      ...call,
      start: call.start + from,
    }));
    const calls = after.length > 0 ? after : findCalls(content, toolNames);
    if (calls.length > 0)
      return { ...reply, content: before(content, calls), toolCalls: finish(calls, content) };
  }
  if (thought === null) return reply;
  const calls = findCalls(thought.text, toolNames);
  if (calls.length === 0) return reply;
  const text = before(thought.text, calls) ?? '';
  return { ...reply, thought: { ...thought, text }, toolCalls: finish(calls, thought.text) };
}

function findCalls(text: string, toolNames: readonly string[]): readonly FoundCall[] {
  const xml = recoverXmlCalls(text);
  return xml.length > 0 ? xml : recoverJsonCalls(text, toolNames);
}

/** The text before the first call; null when nothing is left. */
function before(text: string, calls: readonly FoundCall[]): string | null {
  const start = calls.reduce((least, call) => Math.min(least, call.start), text.length);
  const rest = text.slice(0, start).trimEnd();
  return rest === '' ? null : rest;
}

function finish(calls: readonly FoundCall[], text: string): readonly ToolCall[] {
  const digest = createHash('sha256').update(text).digest('hex');
  return calls.map(({ name, arguments: args }, index) => ({
    id: `call_${digest.slice(0, 22)}${String(index).padStart(2, '0')}`,
    name,
    arguments: args,
    recovered: true,
  }));
}
