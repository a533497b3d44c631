import { describe, expect, it } from 'vitest';
import { ReplyCollector } from './reply-collector.js';

type Piece = Readonly<Record<string, unknown>>;

function collect(...chunks: readonly (readonly Piece[])[]): readonly [id: string, args: string][] {
  const collector = new ReplyCollector();
  for (const tool_calls of chunks) collector.add({ choices: [{ delta: { tool_calls } }] });
  return collector.result().toolCalls.map((call) => [call.id, `${call.name} ${call.arguments}`]);
}

function whole(id: string | null, index: unknown, args: string): Piece {
  return { ...(id === null ? {} : { id }), index, function: { name: 'bash', arguments: args } };
}

const more = (index: unknown, args: string): Piece => ({ index, function: { arguments: args } });
const two = [
  ['a', 'bash {"command":"ls"}'],
  ['b', 'bash {"command":"pwd"}'],
];

describe('streamed tool calls', () => {
  it.each<[string, ...(readonly Piece[])[]]>([
    [
      'as vLLM',
      [whole('a', 0, '{"command":')],
      [more(0, '"ls"}'), whole('b', 1, '')],
      [more(1, '{"command":"pwd"}')],
    ],
    ['two whole ones numbered 0', [whole('a', 0, '{"command":"ls"}')], [whole('b', 0, '{"command":"pwd"}')]],
    ['in one chunk, numbered 0', [whole('a', 0, '{"command":"ls"}'), whole('b', 0, '{"command":"pwd"}')]],
    ['without numbers', [whole('a', null, '{"command":"ls"}')], [whole('b', undefined, '{"command":"pwd"}')]],
    [
      'numbered by text',
      [whole('a', '0', '{"command":"ls"}')],
      [whole('b', '1', '{"command":')],
      [more('1', '"pwd"}')],
    ],
    [
      'numbered 0, in pieces',
      [whole('a', 0, '{"comm')],
      [more(0, 'and":"ls"}')],
      [whole('b', 0, '{"command"')],
      [more(0, ':"pwd"}')],
    ],
    [
      'with ids that come late',
      [whole(null, 0, '{"command":"ls"}')],
      [{ index: 0, id: 'a' }, whole(null, 1, '')],
      [{ ...more(1, '{"command":"pwd"}'), id: 'b' }],
    ],
    [
      'with the id and the name in every piece',
      [whole('a', 0, '{"command":')],
      [whole('a', 0, '"ls"}')],
      [whole('b', 0, '{"command":"pwd"}')],
    ],
    [
      'mixed, told apart by their ids',
      [whole('a', null, ''), whole('b', null, '')],
      [{ id: 'a', function: { arguments: '{"command":"ls"}' } }],
      [{ id: 'b', function: { arguments: '{"command":"pwd"}' } }],
    ],
  ])('are two: %s', (_, ...chunks) => {
    expect(collect(...chunks)).toEqual(two);
  });

  it('are told apart without ids by a name behind whole arguments', () => {
    expect(collect([whole(null, 0, '{"command":"ls"}')], [whole(null, 0, '{"command":"pwd"}')])).toEqual([
      ['call_0', 'bash {"command":"ls"}'],
      ['call_1', 'bash {"command":"pwd"}'],
    ]);
  });

  it.each([0, 1, null])('are told apart where all have one id, the second numbered %s', (index) => {
    const calls = collect(
      [whole('a', 0, '{"command":"ls"}'), whole('a', 0, '')],
      [whole('a', index, '{"command":')],
      [{ index, id: 'a', function: { arguments: '"pwd"}' } }],
    );
    expect(calls).toEqual([
      ['a', 'bash {"command":"ls"}'],
      ['call_1', 'bash {"command":"pwd"}'],
    ]);
  });

  it('may have arguments as a value, however deep', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(collect([whole('a', 0, '')], [{ index: 0, function: { arguments: { command: 'ls' } } }])).toEqual([
      two[0],
    ]);
    expect(collect([{ id: 'a', index: 0, function: { name: 'bash', arguments: deep } }])).toEqual([
      ['a', 'bash nested too deep'],
    ]);
  });
});

describe('the end of a stream', () => {
  it.each(['', ' ', 'null', 'None', null, undefined, 0])('is not finish_reason %j', (reason) => {
    const collector = new ReplyCollector();
    collector.add({ choices: [{ delta: { content: 'x' }, finish_reason: reason }] });
    expect(collector.finished).toBe(false);
    collector.add({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    collector.add({ choices: [{ delta: {}, finish_reason: '' }] });
    expect(collector.result().finishReason).toBe('stop');
  });
});

describe('a usage', () => {
  it.each<[unknown, (number | null)[]]>([
    [{ prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } }, [9, 3, 0]],
    [
      { prompt_tokens: 0, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 0 } },
      [null, null, null],
    ],
    [{ prompt_tokens: -1, completion_tokens: 1.5 }, [null, null, null]],
    [{ prompt_tokens: 1e300, completion_tokens: '7' }, [null, null, null]],
    [{ prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 10 } }, [9, 3, null]],
    [{ prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: -2 } }, [9, 3, null]],
  ])('%j is believed as far as it can be true', (usage, expected) => {
    const collector = new ReplyCollector();
    collector.add({ choices: [], usage });
    const { promptTokens, completionTokens, cachedTokens } = collector.result().usage;
    expect([promptTokens, completionTokens, cachedTokens]).toEqual(expected);
  });
});
