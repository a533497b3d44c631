import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage, Thought, ToolCall } from '../../model/chat-model.js';
import { turnMessages } from './turn-messages.js';

const call = (id: string, args: string): ToolCall => ({
  id,
  name: 'bash',
  arguments: args,
  recovered: false,
});
const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const anyUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));
const anyArguments = fc.oneof(
  anyUnits,
  fc.json(),
  fc.dictionary(fc.string(), anyUnits).map((value) => JSON.stringify(value)),
);
const anyTurn = fc.record({
  content: fc.option(anyUnits),
  thought: fc.option(
    fc.record({ field: fc.constantFrom('reasoning' as const, 'reasoning_content' as const), text: anyUnits }),
  ),
  answered: fc.array(
    fc.record({
      call: fc
        .tuple(fc.constantFrom('', 'a', 'b', 'call_1', 'call_2'), anyArguments)
        .map(([id, args]) => call(id, args)),
      answer: anyUnits,
    }),
  ),
  userMessage: fc.option(anyText),
});

function ids(messages: readonly ChatMessage[]): { called: string[]; answered: string[] } {
  return {
    called: messages.flatMap((message) =>
      message.role === 'assistant' ? message.toolCalls.map(({ id }) => id) : [],
    ),
    answered: messages.flatMap((message) => (message.role === 'tool' ? [message.toolCallId] : [])),
  };
}

describe('turnMessages', () => {
  test('answers every call once, right after it, under an id of its own, whatever the model wrote', () => {
    fc.assert(
      fc.property(anyTurn, fc.uniqueArray(fc.constantFrom('a', 'call_1', 'call_3')), (turn, used) => {
        const messages = turnMessages(turn, new Set(used));
        const { called, answered } = ids(messages);
        expect(answered).toEqual(called);
        expect(new Set([...called, ...used]).size).toBe(called.length + used.length);
        expect(called.every((id) => id !== '')).toBe(true);
        expect(messages[0]?.role).toBe('assistant');
      }),
    );
  });

  test('sends only JSON objects as arguments and only text that can be encoded', () => {
    fc.assert(
      fc.property(anyTurn, (turn) => {
        const messages = turnMessages(turn, new Set());
        const [assistant] = messages;
        const calls = assistant?.role === 'assistant' ? assistant.toolCalls : [];
        for (const { arguments: args } of calls) {
          const value: unknown = JSON.parse(args);
          expect(typeof value === 'object' && value !== null && !Array.isArray(value)).toBe(true);
          expect(
            /\p{Surrogate}/u.test(JSON.stringify(value)) || /\\ud[89a-f]/.test(JSON.stringify(value)),
          ).toBe(false);
        }
        for (const message of messages) expect(/\p{Surrogate}/u.test(message.content ?? '')).toBe(false);
      }),
    );
  });

  test('leaves what the model wrote as it is when it can be sent', () => {
    const thought: Thought = { field: 'reasoning', text: 'hm </think> {' };
    const args = '{ "command" : "echo \\u00e9 😀" }';
    const messages = turnMessages(
      { content: ' So.\n\n', thought, answered: [{ call: call('x', args), answer: 'é' }], userMessage: null },
      new Set(),
    );
    expect(messages).toEqual([
      { role: 'assistant', content: ' So.\n\n', thought, toolCalls: [call('x', args)] },
      { role: 'tool', toolCallId: 'x', content: 'é' },
    ]);
  });

  test.each([
    ['{"command": "l', '{"arguments":"{\\"command\\": \\"l"}'],
    ['["ls"]', '{"arguments":"[\\"ls\\"]"}'],
    ['{"command": "\\ud800"}', '{"command":"\ufffd"}'],
    ['', '{"arguments":""}'],
  ])('holds %s in an object', (args, sent) => {
    const [assistant] = turnMessages(
      { content: null, thought: null, answered: [{ call: call('x', args), answer: '' }], userMessage: null },
      new Set(),
    );
    expect(assistant).toMatchObject({ toolCalls: [{ arguments: sent }] });
  });

  test('turns an empty reply into an empty text', () => {
    expect(
      turnMessages({ content: null, thought: null, answered: [], userMessage: 'no' }, new Set()),
    ).toEqual([
      { role: 'assistant', content: '', thought: null, toolCalls: [] },
      { role: 'user', content: 'no' },
    ]);
  });
});
