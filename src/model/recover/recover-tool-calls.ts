import { createHash } from 'node:crypto';

import type { ChatReply, ToolCall } from '../chat-model.js';
import { unclear, type FoundCall } from './found-call.js';
import { leavesHereDocumentOpen } from './here-document.js';
import { recoverJsonCalls } from './recover-json-calls.js';
import { recoverXmlCalls } from './recover-xml-calls.js';

/** Characters of a text that calls are looked for in: two million tokens, more than any reply has. */
const mostCharacters = 2 ** 23;

export type RecoverableReply = Pick<ChatReply, 'content' | 'thought' | 'toolCalls'>;

/**
 * Finds the tool calls that a server left in the text: Qwen's XML and Hermes' JSON, with missing tags, inside an
 * unfinished thought, fenced, or otherwise bent. Looks after the last `</think>` of the content, then in all of
 * the content, then in the thought. In the result the text of the calls is cut out, as a server's parser would
 * have done, so that the template writes the same conversation again. A call whose end cannot be told comes out with
 * raw text for arguments, which every harness turns down. The reply is returned as it is when the
 * server found calls itself or there are none to find. Pure; never throws.
 */
export function recoverToolCalls<T extends RecoverableReply>(reply: T, toolNames: readonly string[]): T {
  if (reply.toolCalls.length > 0) return reply;
  const { content, thought } = reply;
  if (content !== null) {
    const calls = callsOfContent(content, toolNames);
    if (calls.length > 0)
      return { ...reply, content: before(content, calls), toolCalls: finish(calls, content) };
  }
  if (thought === null) return reply;
  const calls = findCalls(thought.text, toolNames);
  if (calls.length === 0) return reply;
  const text = before(thought.text, calls) ?? '';
  return { ...reply, thought: { ...thought, text }, toolCalls: finish(calls, thought.text) };
}

function callsOfContent(content: string, toolNames: readonly string[]): readonly FoundCall[] {
  const all = findCalls(content, toolNames);
  const close = content.lastIndexOf('</think>');
  // A command may quote the tag itself.
  const quoted = all.some(({ whole, start, end }) => whole && start < close && close < end);
  if (close === -1 || quoted) return all;
  const from = close + '</think>'.length;
  const after = findCalls(content.slice(from), toolNames);
  if (
    after.length === 0 ||
    quotesThoughtEnd(content, { all, close, afterEnd: (after.at(-1)?.end ?? 0) + from })
  )
    return all;
  return after.map((call) => ({ ...call, start: call.start + from, end: call.end + from }));
}

/** Whether a call that begins before `</think>` and whose end cannot be told may be a command that quotes it. */
function quotesThoughtEnd(
  content: string,
  seen: { readonly all: readonly FoundCall[]; readonly close: number; readonly afterEnd: number },
): boolean {
  const doubtful = seen.all.find(({ whole, start }) => !whole && start < seen.close);
  if (doubtful === undefined) return false;
  const goesOn = content.trimEnd().length > seen.afterEnd;
  return goesOn || leavesHereDocumentOpen(content.slice(doubtful.start, seen.close));
}

/** A call of either form may quote one of the other: the one that begins first is the model's. */
function findCalls(text: string, toolNames: readonly string[]): readonly FoundCall[] {
  if (text.length > mostCharacters) return [];
  const xml = recoverXmlCalls(text);
  const json = recoverJsonCalls(text, toolNames);
  const [firstXml] = xml;
  const [firstJson] = json;
  if (firstXml === undefined) return json;
  if (firstJson !== undefined) return firstJson.start < firstXml.start ? json : xml;
  const broken = taggedObject.exec(text)?.index ?? text.length;
  return broken < firstXml.start ? [unclear(text, { name: firstXml.name, start: broken })] : xml;
}

/** The start of a call in Hermes' form. */
const taggedObject = /<tool_call>\s*(?:```\w{0,20}\s*)?[[{]/;

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
