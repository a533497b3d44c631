import type { ChatMessage, Thought, ToolCall } from '../../model/chat-model.js';
import { argumentsOf } from './parse-action.js';
import { wellFormed } from '../templates/code-points.js';

/** What a reply leaves in the history: its words, the calls that stay, and the answer to each of them. */
export interface AnsweredTurn {
  readonly content: string | null;
  readonly thought: Thought | null;
  readonly answered: readonly AnsweredCall[];
  /** A user message after it (a format error, or an observation in text mode). */
  readonly userMessage: string | null;
}

export interface AnsweredCall {
  readonly call: ToolCall;
  readonly answer: string;
}

/**
 * The messages of a turn as they may be sent back without harm: arguments are JSON objects, every call
 * is answered under an id of its own, nothing is answered that was not called, no text holds half a surrogate
 * pair. Words and thoughts stay as the model wrote them, in place and under the field they came in.
 * `usedIds` are the call ids of the history so far.
 */
export function turnMessages(turn: AnsweredTurn, usedIds: ReadonlySet<string>): ChatMessage[] {
  const answered = withOwnIds(turn.answered, usedIds);
  const { content, thought, userMessage } = turn;
  return [
    {
      role: 'assistant',
      content: content === null ? (answered.length === 0 ? '' : null) : wellFormed(content),
      thought: thought === null ? null : { ...thought, text: wellFormed(thought.text) },
      toolCalls: answered.map(({ call }) => ({ ...call, arguments: sendableArguments(call) })),
    },
    ...answered.map(({ call, answer }): ChatMessage => ({
      role: 'tool',
      toolCallId: call.id,
      content: wellFormed(answer),
    })),
    ...(userMessage === null ? [] : [{ role: 'user' as const, content: wellFormed(userMessage) }]),
  ];
}

/** The raw text when it is a JSON object, else an object that holds it. */
function sendableArguments(call: ToolCall): string {
  const given = argumentsOf(call);
  if (given === null) return JSON.stringify({ arguments: wellFormed(call.arguments) });
  // An escape such as \ud800 is valid JSON and becomes half a pair in the server's template.
  return /\\ud[89a-f]/i.test(call.arguments)
    ? JSON.stringify(given, keepWellFormed)
    : wellFormed(call.arguments);
}

function keepWellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? wellFormed(value) : value;
}

function withOwnIds(answered: readonly AnsweredCall[], usedIds: ReadonlySet<string>): AnsweredCall[] {
  const taken = new Set(usedIds);
  return answered.map(({ call, answer }) => {
    let id = call.id === '' ? 'call_1' : call.id;
    for (let next = taken.size + 1; taken.has(id); next += 1) id = `call_${next}`;
    taken.add(id);
    return { call: { ...call, id }, answer };
  });
}
