import { parseJson, tableOf, type JsonTable } from '../../base/json-value.js';
import type { ChatReply, ToolCall } from '../../model/chat-model.js';
import { matchWithin } from './match-within.js';
import type { ActionRules, FormatErrorReason } from '../harness/harness.js';

/** A pattern needs microseconds for an honest reply; what takes this long was made to. */
const longestMatchMs = 500;

/** What a reply asks for, by the harness's rules. */
export type Action =
  | { readonly kind: 'run'; readonly commands: readonly Command[]; readonly passedOver: readonly ToolCall[] }
  | { readonly kind: 'submit' }
  | FormatError;

export interface Command {
  /** The call it came in; null in text mode. */
  readonly call: ToolCall | null;
  readonly text: string;
}

export interface FormatError {
  readonly kind: 'format-error';
  readonly reason: FormatErrorReason;
  /** The call at fault when its arguments are an object, so that it can stand in the history and be answered. */
  readonly answerable: ToolCall | null;
  /** Commands found in text mode. */
  readonly found: readonly string[];
}

export interface ReplyToParse {
  readonly content: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly truncated: boolean;
}

/** Reads what to do out of a reply. Pure. */
export function parseAction(reply: ReplyToParse, rules: ActionRules, toolName: string): Action {
  if (rules.source.kind === 'text') return parseText(reply, rules, rules.source.pattern);
  const [first] = reply.toolCalls;
  if (reply.truncated && rules.truncated === 'reject')
    return formatError('truncated', first !== undefined && argumentsOf(first) !== null ? first : null);
  if (first === undefined) return rules.noCall === 'submit' ? { kind: 'submit' } : formatError('no-call');
  const calls = rules.run === 'first' ? [first] : reply.toolCalls;
  const commands: Command[] = [];
  for (const call of calls) {
    const command = parseCall(call, rules, toolName);
    if ('kind' in command) return command;
    commands.push(command);
  }
  return { kind: 'run', commands, passedOver: reply.toolCalls.slice(calls.length) };
}

/**
 * A reply that ended for its length before its own limit: the server had no more room in its context. vLLM since 0.32
 * gives such a turn what is left instead of refusing the request.
 */
export function isCutByContext(
  { finishReason, usage }: Pick<ChatReply, 'finishReason' | 'usage'>,
  maxTokens: number,
): boolean {
  return finishReason === 'length' && usage.completionTokens !== null && usage.completionTokens < maxTokens;
}

/** A reply that hit its limit, whatever the server says: by finish reason, or by its completion tokens. */
export function isTruncated(
  { finishReason, usage }: Pick<ChatReply, 'finishReason' | 'usage'>,
  maxTokens: number,
): boolean {
  return finishReason === 'length' || (usage.completionTokens ?? 0) >= maxTokens;
}

/** A call's arguments when they are a JSON object, else null. */
export function argumentsOf(call: ToolCall): JsonTable | null {
  return tableOf(parseJson(call.arguments));
}

function parseText(reply: ReplyToParse, rules: ActionRules, pattern: RegExp): Action {
  if (reply.truncated && rules.truncated === 'reject') return formatError('truncated');
  const matches = matchWithin(reply.content ?? '', pattern, longestMatchMs);
  if (matches === null) return formatError('action-count');
  const found = matches.map((match) => match.trim());
  const [command] = found;
  if (command === undefined && rules.noCall === 'submit') return { kind: 'submit' };
  if (command === undefined || found.length > 1) return { ...formatError('action-count'), found };
  return { kind: 'run', commands: [{ call: null, text: command }], passedOver: [] };
}

function parseCall(call: ToolCall, rules: ActionRules, toolName: string): Command | FormatError {
  const given = argumentsOf(call);
  const answerable = given === null ? null : call;
  if (call.name !== toolName) return formatError('wrong-tool', answerable);
  if (given === null)
    return formatError(parseJson(call.arguments) === undefined ? 'bad-json' : 'not-an-object');
  const text =
    given['command'] ?? (rules.missingCommand === 'run-empty' && !('command' in given) ? '' : null);
  return typeof text === 'string' ? { call, text } : formatError('missing-command', answerable);
}

function formatError(reason: FormatErrorReason, answerable: ToolCall | null = null): FormatError {
  return { kind: 'format-error', reason, answerable, found: [] };
}
