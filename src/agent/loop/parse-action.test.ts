import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ToolCall } from '../../model/chat-model.js';
import { isCutByContext, isTruncated, parseAction } from './parse-action.js';
import type { ActionRules } from '../harness/harness.js';
import { loadHarness } from '../harness/load-harness.js';

const { actions: tmax } = await loadHarness('tmax');
const call = (args: string, name = 'bash'): ToolCall => ({
  id: 'x',
  name,
  arguments: args,
  recovered: false,
});
const parse = (toolCalls: ToolCall[], rules: Partial<ActionRules> = {}, truncated = false) =>
  parseAction({ content: 'c', toolCalls, truncated }, { ...tmax, ...rules }, 'bash');

describe('parseAction', () => {
  test.each([
    [[], {}, 'no-call'],
    [[call('{"command":"ls"}', 'sh')], {}, 'wrong-tool'],
    [[call('{"command":')], {}, 'bad-json'],
    [[call('"ls"')], {}, 'not-an-object'],
    [[call('null')], {}, 'not-an-object'],
    [[call('{}')], { missingCommand: 'reject' }, 'missing-command'],
    [[call('{"command":null}')], { missingCommand: 'run-empty' }, 'missing-command'],
    [[call('{"command":["ls"]}')], {}, 'missing-command'],
  ] as [ToolCall[], Partial<ActionRules>, string][])(
    '%# turns the reply down with its reason',
    (calls, rules, reason) => {
      expect(parse(calls, rules)).toMatchObject({ kind: 'format-error', reason });
    },
  );

  test('runs the command as written', () => {
    const one = call('{"command":" ls\\n"}');
    expect(parse([one])).toEqual({ kind: 'run', commands: [{ call: one, text: ' ls\n' }], passedOver: [] });
  });

  test('looks at the first call only, or at all of them', () => {
    const [good, bad] = [call('{"command":"a"}'), call('{')];
    expect(parse([good, bad])).toMatchObject({ kind: 'run', passedOver: [bad] });
    expect(parse([good, bad], { run: 'all' })).toMatchObject({ kind: 'format-error', reason: 'bad-json' });
    expect(parse([good, good], { run: 'all' })).toMatchObject({
      commands: [{ text: 'a' }, { text: 'a' }],
      passedOver: [],
    });
  });

  test('runs a truncated call or turns it down', () => {
    expect(parse([call('{"command":"a"}')], {}, true).kind).toBe('run');
    expect(parse([call('{"command":"a"}')], { truncated: 'reject' }, true)).toMatchObject({
      reason: 'truncated',
    });
  });

  test('takes a reply without a call as the end where the file says so', () => {
    expect(parse([], { noCall: 'submit' })).toEqual({ kind: 'submit' });
  });

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.json(), fc.string()), fc.constantFrom('bash', 'x'))),
        fc.boolean(),
        (calls, truncated) => {
          for (const run of ['first', 'all'] as const)
            parse(
              calls.map(([args, name]) => call(args, name)),
              { run },
              truncated,
            );
        },
      ),
    );
  });
});

describe('isTruncated', () => {
  const usage = { promptTokens: 1, completionTokens: 10, cachedTokens: null, reasoningTokens: null };
  test.each([
    ['length', 10, 100, true],
    ['tool_calls', 100, 100, true],
    ['stop', 99, 100, false],
    ['stop', null, 100, false],
    [null, 100, 100, true],
  ])('%# goes by finish reason and by tokens', (finishReason, completionTokens, maxTokens, expected) => {
    expect(isTruncated({ finishReason, usage: { ...usage, completionTokens } }, maxTokens)).toBe(expected);
  });
});

describe('isCutByContext', () => {
  const usage = { promptTokens: 60_010, cachedTokens: null, reasoningTokens: null };
  test.each([
    ['length', 5_526, true],
    ['length', 16_384, false],
    ['length', null, false],
    ['stop', 5_526, false],
  ])('a turn that ended by %s after %s of 16384 tokens: %s', (finishReason, completionTokens, expected) => {
    expect(isCutByContext({ finishReason, usage: { ...usage, completionTokens } }, 16_384)).toBe(expected);
  });
});
